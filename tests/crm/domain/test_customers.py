"""Adding and changing people, also many at once."""

from __future__ import annotations

import pytest

from accounts.domain.actors import SYSTEM, Actor
from accounts.models import Account
from crm.domain import companies, customers, identities
from crm.domain.customers import CustomerFields
from crm.models import Company, Customer, CustomerLocation, Identity, Location
from crm.signals import customer_deleted
from feedbackhub.errors import NotFound, Refused
from tests.threads import at_once

JANE: CustomerFields = {"email": "jane@example.com", "mobile_number": "+18135550123"}


def upsert(account: Account, fields: CustomerFields, *locations: Location) -> Customer:
    return customers.upsert(account=account, fields=fields, locations=locations, actor=SYSTEM)


@pytest.fixture
def home(account: Account) -> Location:
    return Location.objects.create(account=account, name="Home", country_code="US")


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_customer_with_one_id(account: Account, home: Location) -> None:
    spellings: list[CustomerFields] = [
        {"email": "jane@example.com"},
        {"email": "JANE@example.com", "mobile_number": "+18135550123"},
        {"mobile_number": "+1 813 555 0123", "email": "Jane@Example.com"},
    ]
    made = at_once(20, lambda number: upsert(account, spellings[number % 3], home).public_id)
    assert set(made) == {Customer.objects.get().public_id}
    assert Customer.objects.get().mobile_number == "+18135550123"
    assert CustomerLocation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_swapping_addresses_at_once_never_block_each_other(account: Account) -> None:
    one = upsert(account, {"email": "one@example.com"})
    two = upsert(account, {"email": "two@example.com"})

    def swap(number: int) -> object:
        customer, email = ((one, "two@example.com"), (two, "one@example.com"))[number % 2]
        return customers.update(customer=customer, fields={"email": email}, actor=SYSTEM)

    assert {type(outcome) for outcome in at_once(10, swap)} == {Refused}
    assert set(Customer.objects.values_list("email", flat=True)) == {"one@example.com", "two@example.com"}


@pytest.mark.django_db(transaction=True)
def test_opting_out_while_others_write_the_same_person_never_blocks(account: Account) -> None:
    jane = upsert(account, JANE)
    said: list[CustomerFields] = [
        {"email": "jane@example.com", "opt_out": True},
        {"mobile_number": "+18135550123", "fname": "Jane"},
        {"email": "jane@example.com", "opt_out": False},
        {"mobile_number": "+18135550123", "opt_out": True},
    ]
    key = Actor("key", "k1")
    made = at_once(20, lambda number: customers.upsert(account=account, fields=said[number % 4], actor=key).pk)
    assert set(made) == {jane.pk}


def test_an_address_given_up_is_free_for_the_next(account: Account) -> None:
    jane = upsert(account, JANE)
    customers.update(customer=jane, fields={"email": "new@example.com"}, actor=SYSTEM)
    assert upsert(account, {"email": "jane@example.com"}) != jane


def test_writing_the_same_again_changes_nothing(account: Account) -> None:
    jane = upsert(account, JANE)
    before = Customer.objects.get().updated_at
    upsert(account, JANE)
    assert Customer.objects.get().updated_at == before
    assert jane == Customer.objects.get()


def test_the_same_person_in_two_accounts_is_two_customers(account: Account, other_account: Account) -> None:
    assert upsert(account, JANE) != upsert(other_account, JANE)


def test_a_delete_tells_who_listens_and_happens_once(account: Account) -> None:
    jane = upsert(account, JANE)
    told: list[Customer] = []

    def listen(customer: Customer, **_: object) -> None:
        told.append(customer)

    customer_deleted.connect(listen)
    try:
        customers.delete(customer=jane, actor=SYSTEM)
        with pytest.raises(NotFound):
            customers.delete(customer=jane, actor=SYSTEM)
    finally:
        customer_deleted.disconnect(listen)
    assert told == [jane]


def test_a_company_is_known_by_its_domain_or_its_name(account: Account) -> None:
    acme = companies.upsert(account=account, name="Acme", domain="WWW.acme.example")
    assert companies.upsert(account=account, name="Acme Inc", domain="acme.example") == acme
    assert companies.upsert(account=account, name="acme inc") == acme
    assert Company.objects.get().name == "Acme Inc"
    assert companies.upsert(account=account, name="Other") != acme


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_company(account: Account) -> None:
    made = at_once(10, lambda _: companies.upsert(account=account, domain="acme.example").pk)
    assert set(made) == {Company.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_person_of_one_external_id(account: Account) -> None:
    made = at_once(
        10, lambda _: identities.person(account=account, kind="crm:id", value="42", fields={}, actor=SYSTEM).pk
    )
    assert set(made) == {Customer.objects.get().pk}
    assert Identity.objects.get().customer == Customer.objects.get()


def test_an_external_id_joins_the_person_with_the_address(account: Account) -> None:
    jane = upsert(account, JANE)
    fields: CustomerFields = {"email": "jane@example.com", "fname": "Jane"}
    found = identities.person(account=account, kind="crm:id", value="42", fields=fields, actor=SYSTEM)
    assert found == jane
    assert identities.find(account=account, kind="crm:id", value="42") == jane
    later = identities.person(account=account, kind="crm:id", value="42", fields={"sname": "Doe"}, actor=SYSTEM)
    assert (later.pk, later.fname, later.sname) == (jane.pk, "Jane", "Doe")
