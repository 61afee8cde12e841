"""PATCH: a record changes, and the answers made of it with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedback.domain.queries import figures
from feedback.models import FeedbackRecord
from tests.feedback.api.buildbetter.sent import COMMENT, field
from tests.feedback.api.callers import HOSTILE_BODIES
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_patch_changes_what_it_names_and_the_answers_follow(better, records):
    person = better.put("/people", {"email": "jane@example.com"}).json()["id"]
    record = better.post(records, {"external_id": "t-1", "fields": [COMMENT]}).json()
    path = f"{records}/{record['id']}"

    linked = better.patch(path, {"person_id": person, "display_ts": "2025-01-01T12:00:00Z"})
    assert linked.json() == {**record, "person_id": person, "display_ts": "2025-01-01T12:00:00Z"}
    assert FeedbackRecord.objects.get().customer_id == person

    rewritten = better.patch(path, {"fields": [{**COMMENT, "value": "Not so great"}], "person_id": None})
    assert rewritten.json()["fields"][0]["value"] == "Not so great"
    stored = FeedbackRecord.objects.get()
    assert (stored.value_text, stored.customer) == ("Not so great", None)
    assert stored.collected_at == datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert better.patch(path, {}).json() == better.get(path).json() == rewritten.json()


def test_a_patch_keeps_the_rows_of_answers_that_stay(better, account, records):
    score = {"category": "metadata", "type": "integer", "name": "nps", "value": 9}
    path = f"{records}/{better.post(records, {'fields': [COMMENT, score]}).json()['id']}"
    before = {row.field_id: row for row in FeedbackRecord.objects.all()}

    better.patch(path, {"fields": [{**score, "value": 3}, {**COMMENT, "name": "why"}]})
    after = {row.field_id: row for row in FeedbackRecord.objects.all()}
    assert set(after) == {"nps", "why"}
    assert (after["nps"].pk, after["nps"].created_at, after["nps"].value_number) == (
        before["nps"].pk,
        before["nps"].created_at,
        3.0,
    )
    assert after["nps"].updated_at > before["nps"].updated_at
    assert figures.nps_of(account=account, since=NOW).n == 1

    better.patch(path, {"fields": [{**score, "value": "1", "type": "string", "category": "content"}]})
    (told,) = FeedbackRecord.objects.all()
    assert (told.pk, told.field_type, told.value_text, told.value_number, told.value_scale) == (
        after["nps"].pk,
        "text",
        "1",
        None,
        None,
    )
    assert figures.nps_of(account=account, since=NOW).n == 0


@pytest.mark.django_db(transaction=True)
def test_a_record_changed_twenty_times_at_once_is_counted_once(better, account, records):
    score = {"category": "content", "type": "integer", "name": "nps", "value": 9}
    path = f"{records}/{better.post(records, {'fields': [score]}).json()['id']}"
    answers = at_once(20, lambda n: better.patch(path, {"fields": [{**score, "value": n % 11}, COMMENT]}))
    assert {answer.status_code for answer in answers} == {200}
    assert figures.nps_of(account=account, since=datetime(2020, 1, 1, tzinfo=UTC)).n == 1
    (stored,) = FeedbackRecord.objects.filter(field_type="nps")
    assert stored.value_number == better.get(path).json()["fields"][0]["value"]


@pytest.mark.parametrize("fields", [1, 3])
def test_a_change_costs_the_same_however_many_fields(better, records, django_assert_num_queries, fields):
    path = f"{records}/{better.post(records, {'fields': [COMMENT] * fields}).json()['id']}"
    # Source; savepoint, lock; savepoint, record, answers, their update, release; release.
    with django_assert_num_queries(9):
        better.patch(path, {"fields": [{**COMMENT, "value": "Changed"}] * fields})
    with django_assert_num_queries(7):
        better.patch(path, {"external_id": "t-1"})
    with django_assert_num_queries(2):
        better.get(path)


def test_a_patch_to_a_used_external_id_is_a_conflict_and_changes_nothing(better, records):
    better.post(records, {"external_id": "t-1", "fields": [COMMENT]})
    second = better.post(records, {"external_id": "t-2", "fields": [COMMENT]}).json()
    answer = better.patch(f"{records}/{second['id']}", {"external_id": "t-1", "fields": [field("boolean", True)]})
    assert answer.status_code == 409
    assert better.get(f"{records}/{second['id']}").json() == second


def test_a_patch_that_does_not_fit_names_the_member_and_changes_nothing(better, records):
    record = better.post(records, {"external_id": "t-1", "fields": [COMMENT]}).json()
    path = f"{records}/{record['id']}"
    wrong = {
        "fields": [None, [], {}, [field("integer", "9")]],
        "external_id": ["", 5, "a" * 256],
        "display_ts": ["yesterday", 5, "2025-01-01T12:00:00"],
        "person_id": ["1", True, 1.5],
    }
    for member, values in wrong.items():
        for value in values:
            answer = better.patch(path, {"external_id": "t-2", member: value})
            assert answer.status_code == 400, (member, value)
            assert answer.json()["error"]["details"][0]["field"].startswith(member)
    assert better.patch(path, {"person_id": 999_999}).json()["message"] == "Person not found."
    for hostile, body in HOSTILE_BODIES.items():
        assert better.patch(path, body).status_code == 400, hostile
    assert better.get(path).json() == record
    assert better.patch(path, {"external_id": None, "display_ts": None}).json() == {**record, "external_id": None}
