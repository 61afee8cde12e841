"""Sources and people: made, listed, and kept apart by account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from crm.models import Company, Customer
from feedback.models import Source
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JANE = {
    "first_name": "Jane",
    "last_name": "Doe",
    "email": "jane@example.com",
    "boundary": "external",
    "company": {"name": "Acme", "domain": "acme.example"},
}


@time_machine.travel(NOW, tick=False)
def test_a_source_is_registered(better, account):
    answer = better.post("/feedback-sources", {"name": "Support Tickets", "type": "api"})
    source = Source.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")
    assert answer.json() == {
        "id": source.pk,
        "name": "Support Tickets",
        "type": "api",
        "created_at": "2026-03-01T12:00:00Z",
    }
    assert (source.account, source.name) == (account, "Support Tickets")


def test_a_source_needs_no_type_and_may_share_its_name(better):
    first, second = (better.post("/feedback-sources/", {"name": "NPS"}).json() for _ in range(2))
    assert first["type"] == "api"
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [{"field": "name", "message": "is required"}]),
        ({"name": ""}, [{"field": "name", "message": "must not be blank"}]),
        ({"name": "  "}, [{"field": "name", "message": "must not be blank"}]),
        ({"name": "a\nb"}, [{"field": "name", "message": "must be printable characters on one line"}]),
        ({"name": 5}, [{"field": "name", "message": "must be a string"}]),
        ({"name": "a" * 256}, [{"field": "name", "message": "must be at most 255 characters"}]),
        ({"name": "a", "type": "a" * 51}, [{"field": "type", "message": "must be at most 50 characters"}]),
    ],
)
def test_a_source_that_does_not_fit_is_refused_member_by_member(better, body, details):
    answer = better.post("/feedback-sources", body)
    message = f"{details[0]['field']}: {details[0]['message']}"
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {"code": "bad_request", "message": message, "details": details},
        "message": message,
    }
    assert not Source.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_a_person_and_their_company_are_the_hub_s_customer_and_company(better, account):
    answer = better.put("/people", JANE)
    person, company = Customer.objects.get(), Company.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "id": person.pk,
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane@example.com",
        "boundary": "external",
        "company_id": company.pk,
        "created_at": "2026-03-01T12:00:00Z",
    }
    assert (person.account, person.fname, person.internal, person.company) == (account, "Jane", False, company)
    assert (company.account, company.name, company.domain) == (account, "Acme", "acme.example")


def test_the_same_address_in_any_case_is_the_same_person(better):
    first = better.put("/people", JANE).json()
    again = better.put("/people", {"email": "JANE@example.com", "first_name": "Janet", "boundary": "internal"}).json()
    assert {name: again[name] for name in ("id", "created_at", "company_id")} == {
        name: first[name] for name in ("id", "created_at", "company_id")
    }
    assert (again["first_name"], again["last_name"], again["boundary"]) == ("Janet", "Doe", "internal")
    assert Customer.objects.count() == 1


def test_what_is_null_is_cleared_and_what_is_absent_stays(better):
    better.put("/people", JANE)
    assert better.put("/people", {"email": "jane@example.com"}).json()["company_id"] == Company.objects.get().pk
    cleared = better.put("/people", {"email": "jane@example.com", "last_name": None, "company": None}).json()
    assert (cleared["first_name"], cleared["last_name"], cleared["company_id"]) == ("Jane", None, None)


def test_a_company_is_known_by_its_domain_else_by_its_name(better):
    def company(**named):
        return better.put("/people", {"email": "jane@example.com", "company": named}).json()["company_id"]

    acme = company(name="Acme", domain="acme.example")
    assert company(name="Acme Inc", domain="WWW.ACME.example") == acme
    assert Company.objects.get().name == "Acme Inc"
    assert company(name="acme inc") == acme
    assert company(name="Acme", domain="acme.test") != acme
    assert company(name="Other") not in (acme, None)


def test_without_a_company_its_id_is_null(better):
    assert better.put("/people", {"email": "joe@example.com"}).json()["company_id"] is None


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"email": None}, "email", "is required"),
        ({"email": "nonsense"}, "email", "Give one e-mail address such as jane@example.com."),
        ({"boundary": "elsewhere"}, "boundary", "must be one of: external, internal"),
        ({"boundary": None}, "boundary", "must be one of: external, internal"),
        ({"first_name": 5}, "first_name", "must be a string"),
        ({"last_name": "a" * 101}, "last_name", "must be at most 100 characters"),
        ({"company": "Acme"}, "company", "must be an object"),
        ({"company": {}}, "company", "needs a name or a domain"),
        ({"company": {"name": 5}}, "company.name", "must be a string"),
        ({"email": "  "}, "email", "must not be blank"),
        ({"first_name": "x\ny"}, "first_name", "must be printable characters on one line"),
        ({"company": {"name": "x\ty"}}, "company.name", "must be printable characters on one line"),
        ({"company": {"domain": "http://acme.example"}}, "company.domain", "must be a domain such as acme.example"),
        ({"company": {"domain": "a" * 254}}, "company.domain", "must be at most 253 characters"),
    ],
)
def test_a_person_that_does_not_fit_is_refused(better, changes, field, message):
    answer = better.put("/people", {**JANE, **changes})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"] == [{"field": field, "message": message}]
    assert not Customer.objects.exists()
    assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_upserts_of_one_person_at_once_make_one_row(better):
    # They wait for each other: fifty on a busy machine reach the database's time limit, which is a 503.
    answers = at_once(20, lambda _: better.put("/people", JANE))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(200, Customer.objects.get().pk)}
    assert Company.objects.count() == 1


def test_an_address_of_charlie_s_is_a_new_person_to_alice(better, charlies_better):
    theirs = charlies_better.put("/people", JANE).json()
    ours = better.put("/people", {**JANE, "first_name": "Mine"}).json()
    assert ours["id"] != theirs["id"]
    assert charlies_better.get(f"/people/{theirs['id']}").json() == theirs
    assert charlies_better.get(f"/people/{ours['id']}").status_code == 404


def test_lists_show_the_account_s_own_newest_first_page_by_page(better, charlies_better):
    for number in range(3):
        better.post("/feedback-sources", {"name": f"s{number}"})
        better.put("/people", {"email": f"p{number}@example.com"})
        charlies_better.post("/feedback-sources", {"name": "theirs"})
    first = better.get("/feedback-sources?limit=2").json()
    second = better.get("/feedback-sources?limit=2&page=2").json()
    assert [source["name"] for source in first["feedback_sources"]] == ["s2", "s1"]
    assert [source["name"] for source in second["feedback_sources"]] == ["s0"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [person["email"][:2] for person in better.get("/people").json()["people"]] == ["p2", "p1", "p0"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "page=0", "page=-1", "page=202&limit=50"])
def test_a_page_that_does_not_exist_is_refused(better, query):
    answer = better.get(f"/people?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["field"] in query


def test_one_source_and_one_person_are_read_with_one_query_each(better, django_assert_num_queries):
    source = better.post("/feedback-sources", {"name": "s"}).json()
    person = better.put("/people", JANE).json()
    for path, body in ((f"/feedback-sources/{source['id']}", source), (f"/people/{person['id']}/", person)):
        with django_assert_num_queries(1):
            assert better.get(path).json() == body


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_are_one_query_however_long(better, django_assert_num_queries, rows):
    for number in range(rows):
        better.post("/feedback-sources", {"name": "s"})
        better.put("/people", {**JANE, "email": f"p{number}@example.com"})
    for path in ("/feedback-sources", "/people"):
        with django_assert_num_queries(1):
            assert better.get(path).status_code == 200
