"""Records: one at a time, typed, once per external id, and counted as answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from crm.domain import identities
from crm.models import Customer
from feedback.models import FeedbackRecord, Source, SourceRecord
from tests.feedback.api.buildbetter.sent import COMMENT, field
from tests.feedback.api.callers import HOSTILE_BODIES
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@time_machine.travel(NOW, tick=False)
def test_a_record_is_stored_as_sent_and_fans_out_to_typed_answers(better, account, source, records):
    person = better.put("/people", {"email": "jane@example.com"}).json()["id"]
    sent = {
        "person_id": person,
        "display_ts": "2025-01-01T12:00:00Z",
        "external_id": "ticket-1",
        "fields": [
            COMMENT,
            {"category": "content", "type": "integer", "name": "nps_score", "value": 9},
            {"category": "metadata", "type": "integer", "name": "csat", "value": 4},
            {"category": "metadata", "type": "string", "name": "channel", "value": "email"},
            {"category": "identifier", "type": "string", "name": "ticket", "value": "T-1"},
            {"category": "identity", "type": "json", "name": "user", "value": {"id": 1, "tags": [None]}},
            {"category": "created_at", "type": "datetime", "name": "at", "value": "2025-01-01T12:00:00Z"},
        ],
    }
    answer = better.post(records, sent)

    stored = SourceRecord.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")
    assert answer.json() == {
        **sent,
        "id": stored.pk,
        "feedback_source_id": source,
        "created_at": "2026-03-01T12:00:00Z",
    }
    jane = Customer.objects.get()
    assert (stored.account, stored.customer, stored.fields) == (account, jane, sent["fields"])
    answers = FeedbackRecord.objects.order_by("field_id").values_list(
        "field_id", "field_type", "value_text", "value_number", "value_scale", "customer", "submission_id"
    )
    assert list(answers) == [
        ("comment", "text", "Great", None, None, jane.pk, str(stored.pk)),
        ("csat", "csat", None, 4.0, 5, jane.pk, str(stored.pk)),
        ("nps_score", "nps", None, 9.0, 10, jane.pk, str(stored.pk)),
    ]
    origin = FeedbackRecord.objects.values_list(
        "contract", "source_type", "source_id", "source_name", "collected_at"
    ).distinct()
    assert list(origin) == [("buildbetter", "api", str(source), "NPS Survey", datetime(2025, 1, 1, 12, tzinfo=UTC))]


@time_machine.travel(NOW, tick=False)
def test_the_smallest_record_has_one_field(better, source, records):
    answer = better.post(f"{records}/", {"fields": [COMMENT]})
    assert answer.json() == {
        "id": SourceRecord.objects.get().pk,
        "feedback_source_id": source,
        "person_id": None,
        "external_id": None,
        "display_ts": "2026-03-01T12:00:00Z",
        "created_at": "2026-03-01T12:00:00Z",
        "fields": [COMMENT],
    }


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (field("string", "Great"), ("text", "Great", None, None, None)),
        (field("boolean", False), ("boolean", None, None, False, None)),
        (field("integer", 9.0), ("number", None, 9.0, None, None)),
        (field("float", 9), ("number", None, 9.0, None, None)),
        (field("integer", 10**18), ("text", "1000000000000000000", None, None, None)),
        (field("integer", 11, name="NPS"), ("number", None, 11.0, None, None)),
        (field("float", 8, name="NPS Score"), ("nps", None, 8.0, None, None)),
        (field("integer", 5, name="star-rating"), ("rating", None, 5.0, None, None)),
        (field("integer", 7, name="ces"), ("ces", None, 7.0, None, None)),
        (field("date", "2025-01-31"), ("date", None, None, None, datetime(2025, 1, 31, tzinfo=UTC))),
        (
            field("datetime", "2025-01-31T12:00:00+02:00"),
            ("date", None, None, None, datetime(2025, 1, 31, 10, tzinfo=UTC)),
        ),
        (
            field("datetime", "2025-01-31t12:00:00,5z"),
            ("date", None, None, None, datetime(2025, 1, 31, 12, 0, 0, 500_000, UTC)),
        ),
        (field("datetime", "2025-01-31 12:00+0200"), ("date", None, None, None, datetime(2025, 1, 31, 10, tzinfo=UTC))),
        (field("json", {"a": ["ü"]}), ("text", '{"a": ["ü"]}', None, None, None)),
    ],
)
def test_a_field_becomes_the_answer_it_is(better, records, sent, stored):
    answer = better.post(records, {"fields": [sent]})
    assert (answer.status_code, answer.json()["fields"]) == (201, [sent])
    values = ("field_type", "value_text", "value_number", "value_boolean", "value_date")
    assert FeedbackRecord.objects.values_list(*values).get() == stored


def test_a_json_field_may_hold_null_and_says_nothing_then(better, records):
    assert better.post(records, {"fields": [field("json", None)]}).status_code == 201
    assert not FeedbackRecord.objects.exists()


def test_fields_of_one_name_are_answers_of_their_own(better, records):
    names = ["comment", "comment", "comment#2", "comment"]
    answer = better.post(records, {"fields": [{**COMMENT, "name": name} for name in names]})
    assert answer.status_code == 201
    assert sorted(FeedbackRecord.objects.values_list("field_id", "field_label")) == [
        ("comment", "comment"),
        ("comment#2", "comment"),
        ("comment#2#2", "comment#2"),
        ("comment#3", "comment"),
    ]


@pytest.mark.parametrize(
    ("identity", "user_id", "known"),
    [
        ([("string", "JANE@example.com")], "JANE@example.com", True),
        ([("string", "u-1"), ("string", "jane@example.com")], "jane@example.com", True),
        ([("integer", 7)], "7", True),
        ([("string", "u-2")], "u-2", False),
        ([("json", {"email": "jane@example.com"}), ("string", " "), ("string", "a" * 256)], None, False),
    ],
)
def test_without_a_person_the_record_s_own_identity_leads_to_the_customer(
    better, account, charlies_better, records, identity, user_id, known
):
    better.put("/people", {"email": "jane@example.com"})
    charlies_better.put("/people", {"email": "u-2@example.com"})
    jane = Customer.objects.for_account(account).get()
    identities.attach(account=account, customer=jane, kind="buildbetter:user_id", value="7")
    named = [{"category": "identity", "type": kind, "name": "who", "value": value} for kind, value in identity]
    answer = better.post(records, {"fields": [COMMENT, *named]})
    assert answer.json()["person_id"] is None
    stored = FeedbackRecord.objects.get()
    assert (stored.user_id, stored.customer) == (user_id, jane if known else None)


def test_the_person_named_by_id_counts_more_than_the_identity(better, records):
    better.put("/people", {"email": "jane@example.com"})
    joe = better.put("/people", {"email": "joe@example.com"}).json()["id"]
    who = {"category": "identity", "type": "string", "name": "email", "value": "jane@example.com"}
    record = better.post(records, {"person_id": joe, "fields": [COMMENT, who]}).json()
    assert FeedbackRecord.objects.get().customer_id == joe
    better.patch(f"{records}/{record['id']}", {"person_id": None})
    assert FeedbackRecord.objects.get().customer == Customer.objects.get(email="jane@example.com")


@pytest.mark.parametrize(
    ("sent", "name", "message"),
    [
        (field("string", 5), "fields[0].value", "must be a string"),
        (field("string", None), "fields[0].value", "must be a string"),
        (field("boolean", 1), "fields[0].value", "must be true or false"),
        (field("boolean", "true"), "fields[0].value", "must be true or false"),
        (field("integer", 9.5), "fields[0].value", "must be an integer"),
        (field("integer", True), "fields[0].value", "must be an integer"),
        (field("integer", "9"), "fields[0].value", "must be an integer"),
        (field("float", "9"), "fields[0].value", "must be a number"),
        (field("date", "2025-1-31"), "fields[0].value", "must be a date such as 2025-01-31, from 1970 to 2080"),
        (field("date", "2025-02-30"), "fields[0].value", "must be a date such as 2025-01-31, from 1970 to 2080"),
        (field("date", "1969-12-31"), "fields[0].value", "must be a date such as 2025-01-31, from 1970 to 2080"),
        (
            field("datetime", "2025-01-31T12:00:00"),
            "fields[0].value",
            "must be a date and time with a zone such as 2025-01-31T12:00:00Z, from 1970 to 2080",
        ),
        (field("string", "ü" * 5121), "fields[0].value", "must be at most 10240 bytes"),
        (field("json", ["a" * 10_237]), "fields[0].value", "must be at most 10240 bytes"),
        (
            {**COMMENT, "category": "text"},
            "fields[0].category",
            "must be one of: content, created_at, identifier, identity, metadata",
        ),
        (
            {**COMMENT, "type": "text"},
            "fields[0].type",
            "must be one of: boolean, date, datetime, float, integer, json, string",
        ),
        (
            {**COMMENT, "type": ["string"]},
            "fields[0].type",
            "must be one of: boolean, date, datetime, float, integer, json, string",
        ),
        ({**COMMENT, "name": ""}, "fields[0].name", "must not be blank"),
        ({**COMMENT, "name": "a" * 201}, "fields[0].name", "must be at most 200 characters"),
        ({"category": "content", "type": "string", "name": "a"}, "fields[0].value", "is required"),
        ("comment", "fields[0]", "must be an object"),
    ],
)
def test_a_field_that_is_not_what_it_says_is_refused(better, records, sent, name, message):
    answer = better.post(records, {"fields": [sent]})
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "code": "bad_request",
            "message": f"{name}: {message}",
            "details": [{"field": name, "message": message}],
        },
        "message": f"{name}: {message}",
    }
    assert not SourceRecord.objects.exists()


def test_a_value_of_exactly_the_limit_fits(better, records):
    fields = [field("string", "a" * 10_240), field("json", ["a" * 10_236])]
    assert better.post(records, {"fields": fields}).status_code == 201


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "fields"),
        ({"fields": []}, "fields"),
        ({"fields": {}}, "fields"),
        ({"fields": [COMMENT] * 501}, "fields"),
        ({"records": [{"fields": [COMMENT]}]}, "records"),
        ({"fields": [COMMENT], "person_id": "1"}, "person_id"),
        ({"fields": [COMMENT], "person_id": True}, "person_id"),
        ({"fields": [COMMENT], "display_ts": "2025-01-01T12:00:00"}, "display_ts"),
        ({"fields": [COMMENT], "display_ts": 1735732800}, "display_ts"),
        ({"fields": [COMMENT], "external_id": 5}, "external_id"),
        ({"fields": [COMMENT], "external_id": ""}, "external_id"),
        ({"fields": [COMMENT], "external_id": "a" * 256}, "external_id"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(better, records, body, name):
    answer = better.post(records, body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [name]
    assert not SourceRecord.objects.exists()


def test_a_list_of_records_is_refused(better, records):
    answer = better.post(records, [{"fields": [COMMENT]}])
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {"code": "bad_request", "message": "The body must be a JSON object.", "details": []},
        "message": "The body must be a JSON object.",
    }


def test_a_hostile_body_is_a_bad_request_and_stores_nothing(better, records):
    for hostile, body in HOSTILE_BODIES.items():
        for method, path in (("POST", records), ("PUT", "/people"), ("POST", "/feedback-sources")):
            answer = better.call(method, path, body)
            assert (answer.status_code, answer["Content-Type"]) == (400, "application/json"), hostile
            assert answer.json().keys() == {"error", "message"}
    assert not SourceRecord.objects.exists()


def test_a_used_external_id_is_a_conflict_that_names_the_record(better, records):
    first = better.post(records, {"external_id": "t-1", "fields": [COMMENT]}).json()
    again = better.post(records, {"external_id": "t-1", "fields": [COMMENT, COMMENT]})
    message = "This source has a record with this external_id already."
    assert again.status_code == 409
    assert again.json() == {
        "error": {
            "code": "conflict",
            "message": message,
            "details": [{"field": "external_id", "message": message, "id": first["id"]}],
        },
        "message": message,
    }
    assert (SourceRecord.objects.count(), FeedbackRecord.objects.count()) == (1, 1)


def test_another_source_may_use_the_external_id_and_none_guards_nothing(better, records):
    other = better.post("/feedback-sources", {"name": "Other"}).json()["id"]
    for path in (records, f"/feedback-sources/{other}/records"):
        assert better.post(path, {"external_id": "t-1", "fields": [COMMENT]}).status_code == 201
    for external_id in ({}, {"external_id": None}, {}):
        assert better.post(records, {**external_id, "fields": [COMMENT]}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_external_id_at_once_make_one_record(better, records):
    answers = at_once(50, lambda _: better.post(records, {"external_id": "t-1", "fields": [COMMENT]}))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    (stored,) = SourceRecord.objects.all()
    conflicts = [answer.json() for answer in answers if answer.status_code == 409]
    assert {conflict["error"]["details"][0]["id"] for conflict in conflicts} == {stored.pk}
    assert FeedbackRecord.objects.count() == 1


@pytest.mark.parametrize("id", ["0", "999999999", "9223372036854775808", "9999999999999999999"])
def test_an_unknown_source_is_not_found(better, db, id):
    answer = better.post(f"/feedback-sources/{id}/records", {"fields": [COMMENT]})
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {"code": "not_found", "message": "Feedback source not found.", "details": []},
        "message": "Feedback source not found.",
    }


@pytest.mark.parametrize("id", [0, -1, 999_999_999, 2**63, -(2**63) - 1])
def test_an_unknown_person_is_not_found(better, records, id):
    answer = better.post(records, {"person_id": id, "fields": [COMMENT]})
    assert answer.status_code == 404
    assert answer.json()["message"] == "Person not found."
    assert not SourceRecord.objects.exists()


def test_charlie_finds_nothing_of_alice_s(better, charlies_better, source, records):
    person = better.put("/people", {"email": "jane@example.com"}).json()["id"]
    record = better.post(records, {"fields": [COMMENT]}).json()["id"]
    own = charlies_better.post("/feedback-sources", {"name": "Mine"}).json()["id"]
    calls = [
        ("GET", f"/feedback-sources/{source}", None),
        ("GET", records, None),
        ("POST", records, {"fields": [COMMENT]}),
        ("GET", f"{records}/{record}", None),
        ("GET", f"/feedback-sources/{own}/records/{record}", None),
        ("PATCH", f"{records}/{record}", {"fields": [COMMENT]}),
        ("PATCH", f"/feedback-sources/{own}/records/{record}", {"external_id": "x"}),
        ("POST", f"/feedback-sources/{own}/records", {"person_id": person, "fields": [COMMENT]}),
    ]
    assert [charlies_better.call(*call).status_code for call in calls] == [404] * len(calls)
    assert (SourceRecord.objects.count(), SourceRecord.objects.get().external_id) == (1, None)


def test_what_is_read_is_what_was_sent_in_the_order_of_its_kind(better, records):
    sent = {**field("json", {"b": 1, "a": 2.0, "c": "1"}), "note": "kept"}
    read = better.get(f"{records}/{better.post(records, {'fields': [sent]}).json()['id']}").json()["fields"]
    assert (read, list(read[0])) == ([sent], ["category", "type", "name", "value", "note"])
    assert [type(value) for _, value in sorted(read[0]["value"].items())] == [float, int, str]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_of_records_is_two_queries_however_long(better, records, django_assert_num_queries, rows):
    for number in range(rows):
        better.post(records, {"display_ts": f"2025-01-0{number + 1}T00:00:00Z", "fields": [COMMENT]})
    with django_assert_num_queries(2):
        listed = better.get(records).json()
    assert [row["display_ts"][:10] for row in listed["records"]] == [f"2025-01-0{n}" for n in range(rows, 0, -1)]
    assert listed["has_more"] is False


def test_one_statement_makes_a_record_and_one_its_answers(better, records, django_assert_num_queries):
    # Savepoint, record, answers, release; the source is looked up before.
    with django_assert_num_queries(5):
        better.post(records, {"external_id": "t-1", "fields": [COMMENT, COMMENT, COMMENT]})
    assert Source.objects.count() == 1
