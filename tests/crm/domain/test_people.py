"""A person and their company, told together."""

from __future__ import annotations

import pytest

from accounts.domain.actors import SYSTEM
from crm.domain import customers, people
from crm.domain.customers import CustomerFields
from crm.domain.people import CompanyNamed
from crm.domain.queries import people as queries
from crm.models import Company, Customer
from feedbackhub.errors import Invalid, NotFound

ACME = CompanyNamed(name="Acme", domain="acme.example")


def test_a_person_comes_with_their_company(account):
    person = people.upsert(account=account, fields={"email": "jane@example.com"}, company=ACME, actor=SYSTEM)
    assert (person.company, person.company.domain) == (Company.objects.get(), "acme.example")


def test_without_a_company_the_one_they_have_stays(account):
    fields: CustomerFields = {"email": "jane@example.com"}
    people.upsert(account=account, fields=fields, company=ACME, actor=SYSTEM)
    assert people.upsert(account=account, fields=fields, actor=SYSTEM).company == Company.objects.get()


def test_a_person_that_cannot_be_stored_leaves_no_company_behind(account):
    with pytest.raises(Invalid):
        people.upsert(account=account, fields={"email": "nonsense"}, company=ACME, actor=SYSTEM)
    assert not Company.objects.exists()
    assert not Customer.objects.exists()


def test_the_door_opens_for_the_account_s_living_people_only(account, other_account):
    person = people.upsert(account=account, fields={"email": "jane@example.com"}, actor=SYSTEM)
    gone = people.upsert(account=account, fields={"email": "gone@example.com"}, actor=SYSTEM)
    customers.delete(customer=gone, actor=SYSTEM)
    assert queries.person_for(account, person.pk) == person
    assert list(queries.people(account)) == [person]
    for owner, id in ((other_account, person.pk), (account, gone.pk), (account, 0), (account, 2**63)):
        with pytest.raises(NotFound):
            queries.person_for(owner, id)
