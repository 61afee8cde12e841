"""The query language over thumbs: what it finds, what it refuses, and what it costs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
import time_machine

from feedback.api.inkeep.wire import parse_thumb
from feedback.domain import thumbs
from feedback.domain.queries import thumb_query, thumb_statement
from tests.feedback.api.callers import bearer, secret_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THUMBS: list[dict[str, Any]] = [
    {
        "id": "a",
        "type": "positive",
        "messageId": "m-1",
        "createdAt": "2026-01-04T23:30:00Z",
        "properties": {"plan": "pro", "score": 5, "tags": ["x", "y"]},
        "userProperties": {"userId": 5},
    },
    {
        "id": "b",
        "type": "negative",
        "messageId": "m-2",
        # In UTC the day after, and another week.
        "createdAt": "2026-01-04T23:30:00-02:00",
        "reasons": [{"label": "wrong", "details": "no"}],
        "details": "=1+1",
        "properties": {"plan": "pro", "score": 2.5},
        "userProperties": {"userId": "5"},
    },
    {
        "id": "c",
        "type": "negative",
        "messageId": "m-2",
        "createdAt": "2026-02-10T10:00:00Z",
        "properties": {"plan": "free", "score": "9", "deep": {"list": [None, True]}},
        "message": {"conversationId": "conv-1"},
    },
    {"id": "d", "type": "positive", "messageId": "m-3", "createdAt": "2026-02-11T10:00:00Z", "properties": None},
]


@pytest.fixture
def logged(account, other_account, alice):
    with time_machine.travel(NOW, tick=False):
        for thumb in THUMBS:
            thumbs.log(account=account, draft=parse_thumb(thumb), actor=alice.actor)
        # Charlie's: in no answer of Alice's.
        thumbs.log(account=other_account, draft=parse_thumb({**THUMBS[0], "id": "his"}), actor=alice.actor)


@pytest.fixture
def ask(inkeep, logged):
    def asked(**body: Any) -> list[dict[str, Any]]:
        answer = inkeep.post("/query/feedback", body)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json"), answer.content
        data = answer.json()["data"]
        assert (answer.json()["status"], data["total"], data["count"]) == ("ok", len(data["result"]), data["total"])
        assert data["pageSize"] == thumb_query.PAGE
        return data["result"]

    return asked


def where(field: str, operator: str, *value: Any) -> dict[str, Any]:
    condition = {"field": field, "operator": operator, **({"value": value[0]} if value else {})}
    return {"condition": condition}


ID = {"type": "field", "field": "id"}
COUNT = {"type": "aggregation", "aggregation": "count"}


def test_nothing_asked_for_is_every_column_of_every_thumb_newest_first(ask, account):
    rows = ask()
    assert [row["id"] for row in rows] == ["d", "c", "b", "a"]
    assert rows[3] == {
        "id": "a",
        "type": "positive",
        "messageId": "m-1",
        "createdAt": "2026-01-04T23:30:00.000Z",
        "updatedAt": "2026-03-01T12:00:00.000Z",
        "organizationId": account.public_id,
        "reasons": None,
        "sources": None,
        "details": None,
        "properties": {"plan": "pro", "score": 5, "tags": ["x", "y"]},
        "userProperties": {"userId": 5},
        "conversationId": "m-1",
        "projectId": None,
        "integrationId": None,
    }


CONDITIONS: list[Any] = [
    (where("type", "eq", "negative"), "bc"),
    (where("type", "neq", "negative"), "ad"),
    (where("messageId", "in", ["m-1", "m-3"]), "ad"),
    (where("messageId", "in", []), ""),
    (where("messageId", "notIn", ["m-1", "m-3"]), "bc"),
    (where("conversationId", "eq", "conv-1"), "c"),
    (where("details", "isNull"), "acd"),
    (where("details", "eq", None), "acd"),
    (where("details", "in", ["=1+1", None]), "abcd"),
    (where("details", "neq", "x"), "abcd"),
    (where("details", "notIn", ["x"]), "abcd"),
    (where("properties", "isNotNull"), "abc"),
    (where("createdAt", "gte", "2026-01-05T01:30:00Z"), "bcd"),
    (where("createdAt", "lt", "2026-01-05T01:30:00+00:00"), "a"),
    (where("createdAt", "in", ["2026-02-11T10:00:00Z"]), "d"),
    (where("id", "gt", "b"), "cd"),
    # A number is no string, and 5 is 5.0.
    (where("userProperties", "eq", {"path": ["userId"], "value": 5.0}), "a"),
    (where("userProperties", "eq", {"path": ["userId"], "value": "5"}), "b"),
    (where("userProperties", "eq", {"userId": "5"}), "b"),
    (where("properties", "neq", {"path": ["plan"], "value": "pro"}), "cd"),
    (where("properties", "gt", {"path": ["score"], "value": 2}), "ab"),
    (where("properties", "gte", {"path": ["score"], "value": "1"}), "c"),
    (where("properties", "in", {"path": ["plan"], "value": ["pro", "old"]}), "ab"),
    (where("properties", "notIn", {"path": ["plan"], "value": ["pro", None]}), "c"),
    (where("properties", "isNull", {"path": ["score"]}), "d"),
    (where("properties", "jsonContains", {"plan": "pro", "score": 5}), "a"),
    (where("properties", "jsonContainedBy", {"plan": "pro", "score": 2.50, "x": 1}), "b"),
    (where("properties", "jsonHasKey", "tags"), "a"),
    (where("properties", "jsonHasKey", {"path": ["deep"], "value": "list"}), "c"),
    (where("properties", "jsonHasAnyKey", ["tags", "deep"]), "ac"),
    (where("properties", "jsonHasAllKeys", ["plan", "deep"]), "c"),
    (where("properties", "arrayContains", {"path": ["tags"], "value": ["x", "y"]}), "a"),
    (where("properties", "arrayContains", {"path": ["deep", "list"], "value": True}), "c"),
    (where("reasons", "jsonArrayContainsObject", {"label": "wrong"}), "b"),
    ({"and": [where("type", "eq", "negative"), {"or": [where("id", "eq", "a"), where("id", "eq", "b")]}]}, "b"),
    ({"and": []}, "abcd"),
]


def test_conditions_find_what_they_say(ask):
    for condition, found in CONDITIONS:
        rows = ask(select=[ID], where=condition, orderBy=[{"field": "id", "direction": "asc"}])
        assert "".join(row["id"] for row in rows) == found, condition


ANSWERS: list[Any] = [
    ({"select": [COUNT]}, [{"count": 4}]),
    ({"select": [COUNT], "where": where("id", "eq", "nobody's")}, [{"count": 0}]),
    (
        {"select": [COUNT], "groupBy": [{"field": "type"}]},
        [{"type": "negative", "count": 2}, {"type": "positive", "count": 2}],
    ),
    ({"groupBy": [{"field": "messageId"}]}, [{"messageId": f"m-{n}"} for n in (1, 2, 3)]),
    (
        {
            "select": [COUNT],
            "groupBy": [{"field": "messageId", "includeInSelect": False}],
            "orderBy": [{"field": "count", "direction": "desc"}, {"field": "messageId", "direction": "desc"}],
        },
        [{"count": 2}, {"count": 1}, {"count": 1}],
    ),
    (
        {"select": [COUNT], "groupBy": [{"field": "properties", "path": ["plan"]}]},
        [
            {"properties.plan": "free", "count": 1},
            {"properties.plan": "pro", "count": 2},
            {"properties.plan": None, "count": 1},
        ],
    ),
    (
        {
            "select": [{"type": "time", "timeUnit": "day"}, COUNT],
            "orderBy": [{"field": "createdAt_day", "direction": "desc"}],
        },
        [
            {"createdAt_day": "2026-02-11T00:00:00.000Z", "count": 1},
            {"createdAt_day": "2026-02-10T00:00:00.000Z", "count": 1},
            {"createdAt_day": "2026-01-05T00:00:00.000Z", "count": 1},
            {"createdAt_day": "2026-01-04T00:00:00.000Z", "count": 1},
        ],
    ),
    (
        # Weeks begin on Monday, in UTC.
        {"select": [{"type": "time", "timeUnit": "week", "field": "createdAt"}, COUNT]},
        [
            {"createdAt_week": "2025-12-29T00:00:00.000Z", "count": 1},
            {"createdAt_week": "2026-01-05T00:00:00.000Z", "count": 1},
            {"createdAt_week": "2026-02-09T00:00:00.000Z", "count": 2},
        ],
    ),
    (
        {"select": [{"type": "time", "timeUnit": "month"}, {"type": "time", "timeUnit": "hour"}]},
        [
            {"createdAt_month": "2026-01-01T00:00:00.000Z", "createdAt_hour": "2026-01-04T23:00:00.000Z"},
            {"createdAt_month": "2026-01-01T00:00:00.000Z", "createdAt_hour": "2026-01-05T01:00:00.000Z"},
            {"createdAt_month": "2026-02-01T00:00:00.000Z", "createdAt_hour": "2026-02-10T10:00:00.000Z"},
            {"createdAt_month": "2026-02-01T00:00:00.000Z", "createdAt_hour": "2026-02-11T10:00:00.000Z"},
        ],
    ),
    (
        {
            "select": [
                {"type": "aggregation", "aggregation": name, "field": "properties", "path": ["score"]}
                for name in ("sum", "avg", "min", "max", "count", "countDistinct")
            ]
        },
        # "9" is a string: counted, never added.
        [
            {
                "sum_properties.score": 7.5,
                "avg_properties.score": 3.75,
                "min_properties.score": 2.5,
                "max_properties.score": 5,
                "count_properties.score": 3,
                "countDistinct_properties.score": 3,
            }
        ],
    ),
    (
        {
            "select": [
                {"type": "aggregation", "aggregation": "min", "field": "createdAt"},
                {"type": "aggregation", "aggregation": "countDistinct", "field": "messageId"},
                {"type": "aggregation", "aggregation": "avg", "field": "properties", "path": ["nothing"]},
                {"type": "aggregation", "aggregation": "sum", "field": "properties", "path": ["nothing"]},
            ]
        },
        [{"min_createdAt": 1767569400000, "countDistinct_messageId": 3, "sum_properties.nothing": 0}],
    ),
    (
        {
            "select": [
                {"type": "field", "field": "userProperties", "path": ["userId"], "mode": "json"},
                {"type": "field", "field": "properties", "path": ["score"], "mode": "unpack"},
            ],
            "orderBy": [{"field": "createdAt", "direction": "asc"}],
        },
        [
            {"userProperties.userId": 5, "properties.score": "5"},
            {"userProperties.userId": "5", "properties.score": "2.5"},
            {"userProperties.userId": None, "properties.score": "9"},
            {"userProperties.userId": None, "properties.score": None},
        ],
    ),
]


def test_queries_answer(ask):
    for asked, rows in ANSWERS:
        assert ask(**asked) == rows


WRONG: list[Any] = [
    ({"selct": []}, "selct"),
    ({"select": {}}, "select"),
    ({"select": [COUNT] * 51}, "select"),
    ({"select": [{"type": "all"}]}, "select.0.type"),
    ({"select": [{"type": "field", "field": "account_id"}]}, "select.0.field"),
    ({"select": [{"type": "field", "field": "id); DROP TABLE x; --"}]}, "select.0.field"),
    ({"select": [{"type": "field", "field": "properties", "path": [5]}]}, "select.0.path"),
    ({"select": [{"type": "field", "field": "properties", "path": ["x"] * 9}]}, "select.0.path"),
    ({"select": [{"type": "field", "field": "id", "mode": "raw"}]}, "select.0.mode"),
    ({"select": [{"type": "aggregation", "aggregation": "median", "field": "id"}]}, "select.0.aggregation"),
    ({"select": [{"type": "aggregation", "aggregation": "sum"}]}, "select.0.field"),
    ({"select": [{"type": "time", "timeUnit": "year"}]}, "select.0.timeUnit"),
    ({"groupBy": [{"field": "id", "includeInSelect": "yes"}]}, "groupBy.0.includeInSelect"),
    ({"orderBy": [{"field": "1; DROP TABLE x", "direction": "asc"}]}, "orderBy.0.field"),
    ({"orderBy": [{"field": "id", "direction": "up"}]}, "orderBy.0.direction"),
    ({"notes": "n" * 81}, "notes"),
    ({"where": []}, "where"),
    ({"where": {"not": {}}}, "where"),
    ({"where": {"and": {}}}, "where.and"),
    ({"where": {"or": [{"condition": 5}]}}, "where.or.0.condition"),
    ({"where": where("id", "like", "%")}, "where.condition.operator"),
    ({"where": where("id", "eq", 5)}, "where.condition.value"),
    ({"where": where("id", "in", "a")}, "where.condition.value"),
    ({"where": where("id", "in", ["a"] * 1001)}, "where.condition.value"),
    ({"where": where("createdAt", "gt", "2026-01-01T00:00:00")}, "where.condition.value"),
    ({"where": where("properties", "gt", {"path": ["x"], "value": True})}, "where.condition.value"),
    ({"where": where("properties", "jsonHasKey", 5)}, "where.condition.value"),
    ({"where": where("properties", "jsonHasAnyKey", "plan")}, "where.condition.value"),
    ({"where": {"and": [where("id", "eq", "a")] * 101}}, "where.and"),
    ({"where": {"and": [{"or": [where("id", "eq", "a")] * 51}] * 2}}, "where"),
]


def test_a_query_that_is_none_is_a_bad_request_naming_the_member(inkeep):
    for asked, name in WRONG:
        answer = inkeep.post("/query/feedback", asked)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), asked
        assert [problem["name"] for problem in answer.json()["errors"]] == [name]


def test_a_filter_nested_too_deeply_is_a_bad_request(inkeep):
    nested: Any = where("id", "eq", "a")
    for _ in range(8):
        nested = {"and": [nested]}
    answer = inkeep.post("/query/feedback", {"where": nested})
    assert answer.json()["detail"].endswith("must not be nested deeper than 8 levels")


MEANINGLESS: list[Any] = [
    ({"select": [ID, COUNT]}, "id is selected but neither grouped by nor aggregated."),
    (
        {"select": [COUNT], "orderBy": [{"field": "createdAt_day", "direction": "asc"}]},
        "createdAt_day is not among what the query selects or groups by.",
    ),
    (
        {"orderBy": [{"field": "count", "direction": "asc"}]},
        "count is not among what the query selects or groups by.",
    ),
    (
        {"select": [{"type": "time", "timeUnit": "day", "field": "id"}]},
        "id is no time; createdAt and updatedAt are.",
    ),
    (
        {"select": [{"type": "aggregation", "aggregation": "sum", "field": "id"}]},
        "sum needs numbers, and id is none: name the path to one in properties.",
    ),
    ({"groupBy": [{"field": "id", "path": ["x"]}]}, "id is no JSON: there is no path into it."),
    ({"where": where("id", "jsonHasKey", "x")}, "jsonHasKey looks into JSON, which id is not."),
    (
        {"where": where("properties", "gt", 5)},
        'gt compares one value: name the path to it in properties, as {"path": ["plan"], "value": "pro"}.',
    ),
    (
        {"select": [{"type": "field", "field": "properties", "path": path} for path in (["a", "b"], ["a.b"])]},
        "Two different things would be called properties.a.b.",
    ),
]


def test_a_query_that_means_nothing_cannot_be_processed(inkeep):
    for asked, reason in MEANINGLESS:
        answer = inkeep.post("/query/feedback", asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "unprocessable_entity"), asked
        assert answer.json()["detail"] == reason


HOSTILE = "'; DROP TABLE feedback_feedbackrecord; -- %s \" $1 {} [] \\"


def test_whatever_is_sent_as_a_value_or_a_name_in_json_is_data(ask, inkeep):
    path = {"field": "properties", "path": [HOSTILE, "{a,b}"]}
    group = [path]
    select = [COUNT, {"type": "aggregation", "aggregation": "sum", **path}]
    name = f"properties.{HOSTILE}.{{a,b}}"
    assert ask(select=select, groupBy=group, orderBy=[{"field": name, "direction": "asc"}]) == [
        {name: None, "count": 4, f"sum_{name}": 0}
    ]
    for field, operator, value in [
        ("id", "eq", HOSTILE),
        ("id", "in", [HOSTILE]),
        ("properties", "eq", {"path": [HOSTILE], "value": HOSTILE}),
        ("properties", "in", {"path": [HOSTILE], "value": [HOSTILE]}),
        ("properties", "jsonHasKey", HOSTILE),
        ("properties", "jsonHasAnyKey", [HOSTILE]),
        ("properties", "jsonContains", {HOSTILE: HOSTILE}),
        ("properties", "arrayContains", HOSTILE),
    ]:
        assert ask(select=[ID], where=where(field, operator, value)) == []
    body = {"field": "properties", "key": HOSTILE}
    assert inkeep.post("/query/property-values", body).json() == {"results": []}


def test_an_answer_holds_a_page_and_says_how_much_there_is(inkeep, logged, monkeypatch):
    monkeypatch.setattr(thumb_query, "PAGE", 3)
    data = inkeep.post("/query/feedback", {"select": [ID]}).json()["data"]
    assert ([row["id"] for row in data["result"]], data["count"], data["total"]) == (["d", "c", "b"], 3, 4)
    groups = inkeep.post("/query/feedback", {"groupBy": [{"field": "id"}]}).json()["data"]
    assert (groups["count"], groups["total"]) == (3, 4)


def test_a_query_that_takes_too_long_or_finds_too_much_cannot_be_processed(inkeep, logged, monkeypatch):
    monkeypatch.setattr(thumb_query, "ANSWER_BYTES", 10)
    answer = inkeep.post("/query/feedback", {})
    assert (answer.status_code, answer.json()["detail"][:30]) == (422, "The answer is larger than 0 Mi")
    monkeypatch.setattr(thumb_query, "SECONDS", 0.01)
    monkeypatch.setattr(thumb_statement, "FROM", f"{thumb_statement.FROM}pg_sleep(1) IS NOT NULL AND ")
    for path in ("feedback", "feedback/export"):
        answer = inkeep.post(f"/query/{path}", {})
        detail = "The query takes longer than 0.01 seconds. Narrow it with where, or select less."
        assert (answer.status_code, answer.json()["detail"]) == (422, detail)


def test_a_query_that_is_quick_with_each_row_and_slow_with_all_of_them_cannot_be_processed(inkeep, logged, monkeypatch):
    monkeypatch.setattr(thumb_query, "monotonic", count(step=40).__next__)
    for path, seconds in (("feedback", 5), ("feedback/export", 30)):
        answer = inkeep.post(f"/query/{path}", {})
        detail = f"The query takes longer than {seconds} seconds. Narrow it with where, or select less."
        assert (answer.status_code, answer.json()["detail"]) == (422, detail)


def test_the_export_is_the_answer_as_csv_without_formulas(inkeep, logged):
    select = [{"type": "field", "field": name} for name in ("id", "createdAt", "details", "properties")]
    asked = {"select": select, "orderBy": [{"field": "id", "direction": "asc"}]}
    answer = inkeep.post("/query/feedback/export", asked)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="feedback.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["id", "createdAt", "details", "properties"]
    assert rows[2] == ["b", "2026-01-05T01:30:00.000Z", "'=1+1", '{"plan": "pro", "score": 2.5}']
    assert [row[0] for row in rows[1:]] == ["a", "b", "c", "d"]


def test_an_export_that_would_be_cut_is_refused(inkeep, logged, monkeypatch):
    monkeypatch.setattr(thumb_query, "EXPORTED", 3)
    answer = inkeep.post("/query/feedback/export", {})
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "The query finds more than 3 rows. Narrow it with where.",
    )
    assert inkeep.post("/query/feedback/export", {"where": where("type", "eq", "positive")}).status_code == 200


NAMES: list[Any] = [
    ({"field": "properties"}, ["deep", "plan", "score", "tags"]),
    ({"field": "userProperties", "views": ["events_view", "feedback_view"]}, ["userId"]),
    ({"field": "properties", "views": ["events_view"]}, []),
    ({"field": "properties", "where": where("id", "eq", "b")}, ["plan", "score"]),
]


def test_the_names_of_properties(inkeep, logged):
    for asked, results in NAMES:
        answer = inkeep.post("/query/property-keys", asked)
        assert (answer.status_code, answer.json()) == (200, {"results": results}), asked


VALUES: list[Any] = [
    ({"field": "properties", "key": "plan"}, ["free", "pro"]),
    ({"field": "properties", "key": "plan", "limit": 1.0}, ["free"]),
    ({"field": "properties", "key": "score"}, ["2.5", "5", "9"]),
    ({"field": "properties", "key": "deep"}, ['{"list": [null, true]}']),
    ({"field": "properties", "key": "plan", "views": ["events_view"]}, []),
]


def test_the_values_of_a_property(inkeep, logged):
    for asked, results in VALUES:
        answer = inkeep.post("/query/property-values", asked)
        assert (answer.status_code, answer.json()) == (200, {"results": results}), asked


WRONG_QUESTIONS: list[Any] = [
    ("keys", {"field": "reasons"}, "field"),
    ("keys", {"field": "properties", "views": ["x"]}, "views"),
    ("keys", {"field": "properties", "where": 5}, "where"),
    ("values", {"field": "properties"}, "key"),
    ("values", {"field": "properties", "key": "x", "limit": 0}, "limit"),
    ("values", {"field": "properties", "key": "x", "limit": 1.5}, "limit"),
    ("values", {"field": "properties", "key": "x", "limit": True}, "limit"),
]


def test_a_question_about_properties_that_is_none(inkeep):
    for path, asked, name in WRONG_QUESTIONS:
        answer = inkeep.post(f"/query/property-{path}", asked)
        assert (answer.status_code, answer.json()["errors"][0]["name"]) == (400, name), asked


def test_a_question_is_a_read(account, logged):
    widget = bearer(secret_of(account, "inkeep:write"), "/inkeep")
    reader = bearer(secret_of(account, "inkeep:read"), "/inkeep")
    values = {"field": "properties", "key": "plan"}
    questions = {"feedback": {}, "feedback/export": {}, "property-keys": {"field": "properties"}}
    for path, asked in {**questions, "property-values": values}.items():
        answer = widget.post(f"/query/{path}", asked)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert reader.post(f"/query/{path}/", asked).status_code == 200


def test_charlie_finds_nothing_of_alice_s(charlies_inkeep, logged):
    rows = charlies_inkeep.post("/query/feedback", {"select": [ID]}).json()["data"]["result"]
    assert rows == [{"id": "his"}]
    asked = {"field": "properties", "key": "plan"}
    assert charlies_inkeep.post("/query/property-values", asked).json() == {"results": ["pro"]}


def test_a_query_is_one_statement_in_its_time(inkeep, logged, django_assert_num_queries):
    inkeep.get("/feedback?limit=0")
    # The others open and close the savepoint and set its time.
    with django_assert_num_queries(5):
        inkeep.post("/query/feedback", {"select": [COUNT], "groupBy": [{"field": "type"}]})
