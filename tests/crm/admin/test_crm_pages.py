"""Customers, places and do-not-contact rows in the console write through the domain."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from crm.domain import identities, suppressions
from crm.models import Company, Customer, Identity, Location, Suppression


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:crm_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def square(account):
    return Location.objects.create(account=account, name="Square", country_code="AT")


@pytest.fixture
def mia(account):
    return Customer.objects.create(account=account, fname="Mia", email="mia@example.org")


def test_a_customer_is_added_with_a_number_as_people_write_it(account, square, alice):
    posted = {
        "account": account.pk,
        "fname": "Mia",
        "mobile_number": "0660 123 45 67",
        "country_code": "AT",
        "places": [square.pk],
        "properties": "{}",
    }
    assert alice.signed_in().post(url(Customer, "add"), posted).status_code == 302
    made = Customer.objects.get()
    assert (made.mobile_number, made.fname, list(made.locations.all())) == ("+436601234567", "Mia", [square])


def test_a_customer_that_was_deleted_comes_back_with_their_row(account, mia, alice):
    hers = alice.signed_in()
    hers.post(url(Customer, "delete", mia.pk), {"post": "yes"})
    mia.refresh_from_db()
    assert mia.deleted_at is not None
    assert hers.get(url(Customer, "change", mia.pk)).status_code == 302
    hers.post(url(Customer, "add"), {"account": account.pk, "email": "Mia@example.org"})
    assert Customer.objects.get().deleted_at is None


def test_what_the_domain_refuses_is_said_at_the_field(account, mia, alice):
    tom = Customer.objects.create(account=account, email="tom@example.org")
    response = alice.signed_in().post(url(Customer, "change", tom.pk), {"email": "mia@example.org", "fname": "Tom"})
    text = response.content.decode()
    assert response.status_code == 200
    assert "belongs to another customer" in text
    assert 'value="Tom"' in text
    tom.refresh_from_db()
    assert tom.email == "tom@example.org"


def test_places_of_a_customer_are_added_and_taken_away(account, square, mia, alice):
    harbour = Location.objects.create(account=account, name="Harbour", country_code="AT")
    mia.locations.add(square)
    alice.signed_in().post(url(Customer, "change", mia.pk), {"email": mia.email, "places": [harbour.pk]})
    assert list(mia.locations.all()) == [harbour]


def test_nobody_is_tied_to_another_accounts_place_or_company(account, other_account, mia, alice):
    foreign = Location.objects.create(account=other_account, name="Garage", country_code="US")
    company = Company.objects.create(account=other_account, name="Garage Inc")
    hers = alice.signed_in()
    for posted in ({"places": [foreign.pk]}, {"company": company.pk}):
        assert hers.post(url(Customer, "change", mia.pk), {"email": mia.email, **posted}).status_code == 200
    mia.refresh_from_db()
    assert (mia.company, list(mia.locations.all())) == (None, [])


def test_staff_opt_a_customer_out_and_in_again(mia, alice):
    hers = alice.signed_in()
    hers.post(url(Customer, "change", mia.pk), {"email": mia.email, "opt_out": "on"})
    assert [(row.reason, row.source) for row in Suppression.objects.standing()] == [("opt_out", "staff")]
    hers.post(url(Customer, "change", mia.pk), {"email": mia.email})
    assert Suppression.objects.standing().count() == 0


def test_what_a_person_said_themselves_staff_cannot_undo(account, mia, alice):
    suppressions.suppress(account=account, channel="sms", reason="stop", source="recipient", customer=mia)
    hers = alice.signed_in()
    response = hers.post(url(Customer, "change", mia.pk), {"email": mia.email})
    assert "Only they can undo that." in response.content.decode()
    row = Suppression.objects.get()
    chosen = {"action": "lift", "_selected_action": [row.pk], "index": 0}
    text = hers.post(url(Suppression, "changelist"), chosen, follow=True).content.decode()
    assert "Only they can undo that." in text
    assert Suppression.objects.standing().get() == row


def test_a_do_not_contact_row_is_added_and_lifted_never_changed(account, alice):
    hers = alice.signed_in()
    hers.post(url(Suppression, "add"), {"account": account.pk, "channel": "email", "address": "Tom@Example.org"})
    row = Suppression.objects.get()
    assert (row.address, row.reason, row.source) == ("tom@example.org", "opt_out", "staff")
    assert hers.post(url(Suppression, "change", row.pk), {"address": "x@example.org"}).status_code == 403
    assert hers.post(url(Suppression, "delete", row.pk), {"post": "yes"}).status_code == 403
    hers.post(url(Suppression, "changelist"), {"action": "lift", "_selected_action": [row.pk], "index": 0})
    row.refresh_from_db()
    assert row.lifted_at is not None


def test_a_do_not_contact_row_is_about_somebody(account, alice):
    response = alice.signed_in().post(url(Suppression, "add"), {"account": account.pk, "channel": "email"})
    assert "Give an address or a customer." in response.content.decode()


def test_a_place_is_added_within_the_limit_and_removed_softly(account, alice):
    account.max_locations = 1
    account.save()
    hers = alice.signed_in()
    for name in ("Square", "Harbour"):
        response = hers.post(url(Location, "add"), {"account": account.pk, "name": name, "country_code": "AT"})
    assert "limited to 1 locations" in response.content.decode()
    only = Location.objects.get()
    hers.post(url(Location, "delete", only.pk), {"post": "yes"})
    only.refresh_from_db()
    assert (only.name, only.deleted_at is not None) == ("Square", True)


def test_a_row_never_moves_to_another_account(account, other_account, square, alice):
    alice.signed_in().post(
        url(Location, "change", square.pk), {"name": "Square", "country_code": "AT", "account": other_account.pk}
    )
    square.refresh_from_db()
    assert square.account == account


def test_a_company_known_already_is_not_added_twice(account, alice):
    hers = alice.signed_in()
    for name in ("Works", "Works Ltd"):
        hers.post(url(Company, "add"), {"account": account.pk, "name": name, "domain": "works.example"})
    assert [(one.name, one.domain) for one in Company.objects.all()] == [("Works Ltd", "works.example")]


def test_staff_give_a_customer_an_id_and_take_it_away(account, mia, alice):
    hers = alice.signed_in()
    assert f"?account={account.pk}&amp;customer={mia.pk}" in hers.get(url(Customer, "change", mia.pk)).content.decode()
    posted = {"account": account.pk, "customer": mia.pk, "value": " u-1 "}
    assert hers.post(url(Identity, "add"), posted).status_code == 302
    # Twice is once.
    assert hers.post(url(Identity, "add"), posted).status_code == 302
    identity = Identity.objects.get()
    assert (identity.customer, identity.kind, identity.value) == (mia, "user_id", "u-1")
    assert "u-1" in hers.get(url(Customer, "change", mia.pk)).content.decode()
    assert hers.post(url(Identity, "delete", identity.pk), {"post": "yes"}).status_code == 302
    assert not Identity.objects.exists()


def test_an_id_is_one_person_s_within_the_account(account, other_account, mia, alice, charlie):
    tom = Customer.objects.create(account=account, email="tom@example.org")
    his = Customer.objects.create(account=other_account, email="tom@example.org")
    identities.give(account=account, customer=mia, value="u-1")
    answer = alice.signed_in().post(url(Identity, "add"), {"account": account.pk, "customer": tom.pk, "value": "u-1"})
    assert "This is the id of Mia. Remove it there first." in answer.content.decode()
    for customer in (mia, his):
        posted = {"account": account.pk, "customer": customer.pk, "value": "u-2"}
        whose = charlie if customer == mia else alice
        assert whose.signed_in().post(url(Identity, "add"), posted).status_code == 200
    assert charlie.signed_in().get(url(Identity, "change", Identity.objects.get().pk)).status_code == 302
    assert Identity.objects.get().customer == mia


def test_the_timeline_goes_on_page_by_page(account, mia, alice, monkeypatch):
    monkeypatch.setattr("crm.admin.customers.TIMELINE_LENGTH", 1)
    suppressions.opt_out(customer=mia, actor=alice.actor)
    hers = alice.signed_in()
    first = hers.get(url(Customer, "change", mia.pk))
    assert [entry.kind for entry in first.context["timeline"]] == ["Do not contact"]
    second = hers.get(url(Customer, "change", mia.pk), {"before": str(first.context["timeline_next"])})
    assert [entry.kind for entry in second.context["timeline"]] == ["Customer"]
    assert second.context["timeline_next"] is None
    assert 'id="timeline"' in second.content.decode()
