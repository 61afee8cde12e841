"""When a rule holds of a sitting."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from crm.models import Location
from feedback.domain.rules import matching
from feedback.models import TriageRule
from tests.feedback.domain.rules.making import record, sitting


def holds(rule: dict[str, Any], *rows: Any, **values: Any) -> bool:
    return matching.holds(TriageRule(**{"signal": "record", **rule}), sitting(*rows, **values))


@pytest.mark.parametrize(
    ("rule", "row", "expected"),
    [
        ({"compare": "at_most", "bound": 6, "field_type": "nps"}, {"value_number": 6}, True),
        ({"compare": "at_most", "bound": 6, "field_type": "nps"}, {"value_number": 7}, False),
        ({"compare": "at_most", "bound": 6, "field_type": "csat"}, {"value_number": 6}, False),
        ({"compare": "at_least", "bound": 9, "field_type": "nps"}, {"value_number": 9}, True),
        ({"compare": "at_least", "bound": 9, "field_type": "nps"}, {"value_number": 8}, False),
        ({"compare": "at_most", "bound": 6, "field_type": "nps"}, {"value_number": None}, False),
        ({"compare": "unhappy"}, {"value_number": 6}, True),
        ({"compare": "unhappy"}, {"value_number": 7}, False),
        ({"compare": "happy"}, {"value_number": 9}, True),
        ({"compare": "happy"}, {"value_number": 8}, False),
        ({"compare": "unhappy"}, {"field_type": "csat", "value_number": 2}, True),
        ({"compare": "unhappy"}, {"field_type": "csat", "value_number": 3}, False),
        ({"compare": "unhappy"}, {"field_type": "ces", "value_number": 3}, True),
        ({"compare": "unhappy"}, {"field_type": "number", "value_number": 1}, False),
        # A yes of a survey answers anything; a thumb and a happy face do not.
        ({"compare": "unhappy"}, {"field_type": "boolean", "value_boolean": False}, False),
        ({"field_type": "nps"}, {"value_number": 10}, True),
        ({"field_type": "nps"}, {"field_type": "text", "value_text": "Hi"}, False),
        ({}, {"field_type": "text", "value_text": "Hi"}, True),
        ({"contract": "hub"}, {}, True),
        ({"contract": "buildbetter"}, {}, False),
        ({"source_type": "survey"}, {"source_type": "survey"}, True),
        ({"source_type": "survey"}, {"source_type": "call"}, False),
        ({"language": "de"}, {"language": "de-AT"}, True),
        ({"language": "de"}, {"language": "den"}, False),
        ({"language": "de"}, {"language": None}, False),
    ],
)
def test_a_rule_and_one_record(rule: dict[str, Any], row: dict[str, Any], expected: bool) -> None:
    assert holds(rule, record(**row)) is expected


@pytest.mark.parametrize(
    ("value", "scale", "expected"), [(3, None, True), (3, 5, True), (6, 10, True), (4, 5, False), (7, 10, False)]
)
def test_stars_are_brought_to_five(value: float, scale: int | None, expected: bool) -> None:
    row = record("review", "rating", value_number=value, value_scale=scale)
    for rule in ({"compare": "unhappy"}, {"compare": "at_most", "bound": 3, "field_type": "rating"}):
        assert holds({"signal": "review", **rule}, row) is expected


@pytest.mark.parametrize(("contract", "signal"), [("request", "answer"), ("inkeep", "thumb")])
def test_a_no_is_unhappy_where_it_is_a_mood(contract: str, signal: str) -> None:
    assert holds({"signal": signal, "compare": "unhappy"}, record(contract, "boolean", value_boolean=False))
    assert not holds({"signal": signal, "compare": "unhappy"}, record(contract, "boolean", value_boolean=True))
    assert holds({"signal": signal, "compare": "happy"}, record(contract, "boolean", value_boolean=True))


def test_a_rule_of_one_kind_holds_of_no_other() -> None:
    assert not holds({"signal": "thumb"}, record())
    assert not holds({"signal": "answer"}, record())


def test_a_score_and_its_comment_are_two_records_of_one_sitting() -> None:
    unhappy = {"compare": "unhappy", "has_words": True}
    score, words = record(value_number=3), record(field_type="text", value_text="Cold")
    assert not holds(unhappy, score)
    assert not holds(unhappy, words)
    assert holds(unhappy, score, words)
    assert not holds(unhappy, score, record(field_type="text", value_text="  "))


def test_words_are_found_in_any_case_within_others() -> None:
    rule = {"words": ["Refund", "größe"]}
    assert holds(rule, record(field_type="text", value_text="I want my REFUND!"))
    assert holds(rule, record(field_type="text", value_text="die GRÖSSE passt nicht"))
    assert not holds(rule, record(field_type="text", value_text="I want it"))
    assert not holds(rule, record(value_number=3))


def test_choices_are_the_askers_words() -> None:
    assert not holds({"has_words": True}, record(field_type="categorical", value_text="Refund"))


def test_words_of_a_review_without_stars_count() -> None:
    assert holds({"signal": "review", "words": ["slow"]}, said="So slow")


def test_the_tenant_counts() -> None:
    assert holds({"tenant_id": "t1"}, record(), tenant_id="t1")
    assert not holds({"tenant_id": "t1"}, record(), tenant_id="t2")


@pytest.mark.django_db
def test_the_place_counts(account: Account) -> None:
    here, there = (Location.objects.create(account=account, name=name) for name in ("Here", "There"))
    assert holds({"location": here}, record(location=here))
    assert not holds({"location": here}, record(location=there))
    assert not holds({"location": here}, record())


def test_the_first_rule_that_holds_counts() -> None:
    never, once, twice = (TriageRule(signal=signal, name=signal) for signal in ("thumb", "record", "record"))
    assert matching.first([never, once, twice], sitting(record())) is once
    assert matching.first([never], sitting(record())) is None
