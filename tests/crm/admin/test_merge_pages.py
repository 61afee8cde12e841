"""Merging in the console: who may be the same, the plan, the deed, the way back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crm.domain.merging import alike
from crm.models import Customer, Identity, Location, MergeRecord
from tests.accounts.admin.test_isolation import as_user
from tests.crm.merging import merge, two


def url(customer, **asked) -> str:
    path = reverse("admin:crm_customer_merge", args=[customer.pk])
    return path + "".join(f"?{name}={value}" for name, value in asked.items())


@pytest.fixture
def pair(account):
    return two(account)


def likely(customer) -> list[tuple[str, str]]:
    return [(str(each.customer.email), each.why) for each in alike.of(customer=customer)]


def test_who_may_be_the_same_person(account, other_account):
    square = Location.objects.create(account=account, name="Square", country_code="AT")
    mia = Customer.objects.create(account=account, fname="Mia", sname="Berg", email="mia.berg+news@gmail.com")
    Customer.objects.create(account=account, email="miaberg@gmail.com")
    namesake = Customer.objects.create(account=account, fname="mia", sname="BERG", email="work@example.org")
    far = Customer.objects.create(account=account, fname="Mia", sname="Berg", email="far@example.org")
    mia.locations.add(square)
    namesake.locations.add(square)
    known = Customer.objects.create(account=account, email="known@example.org")
    for kind, person in (("inkeep:user_id", known), ("hub:user_id", mia)):
        Identity.objects.create(account=account, customer=person, kind=kind, value="42")
    Customer.objects.create(account=other_account, fname="Mia", sname="Berg", email="miaberg@gmail.com")
    assert likely(mia) == [
        ("miaberg@gmail.com", "The same mailbox"),
        ("known@example.org", "The same id or address"),
        ("work@example.org", "The same name at the same place"),
    ]
    assert likely(far) == []


def test_the_page_shows_who_is_alike_and_finds_others(alice, account, pair):
    winner, loser = pair
    hers = alice.signed_in()
    text = hers.get(url(winner, q="berg")).content.decode()
    assert f"?with={loser.pk}" in text
    assert (
        "Merge with another customer"
        in hers.get(reverse("admin:crm_customer_change", args=[winner.pk])).content.decode()
    )


def test_the_plan_comes_before_the_deed(alice, pair):
    winner, loser = pair
    hers = alice.signed_in()
    page = hers.get(f"{url(winner)}?with={loser.pk}")
    assert "take “mia.berg@example.net”" in page.content.decode()
    assert MergeRecord.objects.count() == 0
    answer = hers.post(url(winner), {"with": loser.pk, "take": "email"})
    winner.refresh_from_db()
    assert answer["Location"] == reverse("admin:crm_customer_change", args=[winner.pk])
    record = MergeRecord.objects.get()
    assert (winner.email, record.merged_by) == ("mia.berg@example.net", alice.actor.code)
    hers.post(reverse("admin:crm_mergerecord_undo", args=[record.pk]))
    winner.refresh_from_db()
    assert winner.email == "mia@example.org"
    again = hers.post(reverse("admin:crm_mergerecord_undo", args=[record.pk]), follow=True)
    assert "can be undone for 30 days" in again.content.decode()


def test_who_is_gone_meanwhile_is_said(alice, account, pair):
    winner, loser = pair
    merge(winner, loser)
    assert alice.signed_in().post(url(winner), {"with": loser.pk}).status_code == 404
    assert alice.signed_in().get(url(loser)).status_code == 404


def test_charlie_and_restricted_people_merge_nobody(charlie, account, pair):
    winner, loser = pair
    theirs = as_user("restricted", account, "rita@example.com")
    for client in (charlie.signed_in(), theirs):
        assert client.post(url(winner), {"with": loser.pk}).status_code in (403, 404)
    record = merge(winner, loser)
    for client in (charlie.signed_in(), theirs):
        assert client.post(reverse("admin:crm_mergerecord_undo", args=[record.pk])).status_code in (403, 404)
    record.refresh_from_db()
    assert record.undone_at is None


def test_nobody_is_merged_across_accounts(charlie, alice, other_account, pair):
    foreign = Customer.objects.create(account=other_account, email="x@example.org")
    assert alice.signed_in().post(url(pair[0]), {"with": foreign.pk}).status_code == 404
    assert MergeRecord.objects.count() == 0
