"""Whether a rule holds of a sitting. Pure: the queue, the landing page and the dry run all ask here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from feedback.domain.rules.sittings import SCORES, Sitting
from feedback.models import FeedbackRecord, TriageRule

Type = FeedbackRecord.FieldType
Contract = FeedbackRecord.Contract
Compare = TriageRule.Compare

STARS = 5
# What counts as unhappy and as happy, on each scale: NPS's detractors and promoters, three stars and fewer, the two
# bottom and the two top boxes of CSAT, a third of CES's scale from either end.
UNHAPPY_UP_TO: dict[str, float] = {Type.NPS: 6, Type.RATING: 3, Type.CSAT: 2, Type.CES: 3}
HAPPY_FROM: dict[str, float] = {Type.NPS: 9, Type.RATING: 4, Type.CSAT: 4, Type.CES: 5}
# Where yes and no say whether somebody is happy; elsewhere they may answer anything.
MOODS = (Contract.REQUEST, Contract.INKEEP)


def first(rules: Iterable[TriageRule], sitting: Sitting) -> TriageRule | None:
    """The rule that counts: the first, in the order given, that holds."""
    return next((rule for rule in rules if holds(rule, sitting)), None)


def holds(rule: TriageRule, sitting: Sitting) -> bool:
    return (
        rule.signal == sitting.signal
        and rule.contract in ("", sitting.contract)
        and rule.tenant_id in ("", sitting.tenant_id)
        and _is_there(rule, sitting)
        and _scores(rule, sitting)
        and (not rule.has_words or bool(sitting.words))
        and (not rule.words or _says(rule, sitting.words))
    )


def _is_there(rule: TriageRule, sitting: Sitting) -> bool:
    """Where it came from, and in which language: any of its records may say so."""
    if rule.location_id is not None and (sitting.location is None or sitting.location.pk != rule.location_id):
        return False
    return (not rule.language or any(_speaks(rule.language, row.language) for row in sitting.records)) and (
        not rule.source_type or any(row.source_type == rule.source_type for row in sitting.records)
    )


def _speaks(wanted: str, language: str | None) -> bool:
    """`de` is also `de-AT`."""
    given = (language or "").lower()
    return given == wanted.lower() or given.startswith(f"{wanted.lower()}-")


def _says(rule: TriageRule, words: str) -> bool:
    low = words.casefold()
    return any(word.casefold() in low for word in rule.words)


def _scores(rule: TriageRule, sitting: Sitting) -> bool:
    rows = [row for row in sitting.records if rule.field_type in ("", row.field_type)]
    if rule.compare:
        return any(COMPARE[rule.compare](rule, row) for row in rows)
    return not rule.field_type or bool(rows)


def _number(row: FeedbackRecord) -> float | None:
    """Stars are brought to five; every other scale is one of its own."""
    if row.value_number is None or row.field_type != Type.RATING:
        return row.value_number
    return row.value_number * STARS / (row.value_scale or STARS)


def is_unhappy(row: FeedbackRecord) -> bool:
    if row.field_type == Type.BOOLEAN:
        return row.contract in MOODS and row.value_boolean is False
    value = _number(row)
    return row.field_type in UNHAPPY_UP_TO and value is not None and value <= UNHAPPY_UP_TO[row.field_type]


def is_happy(row: FeedbackRecord) -> bool:
    if row.field_type == Type.BOOLEAN:
        return row.contract in MOODS and row.value_boolean is True
    value = _number(row)
    return row.field_type in HAPPY_FROM and value is not None and value >= HAPPY_FROM[row.field_type]


def _at_most(rule: TriageRule, row: FeedbackRecord) -> bool:
    value = _number(row)
    return value is not None and rule.bound is not None and value <= rule.bound


def _at_least(rule: TriageRule, row: FeedbackRecord) -> bool:
    value = _number(row)
    return value is not None and rule.bound is not None and value >= rule.bound


COMPARE: dict[str, Callable[[TriageRule, FeedbackRecord], bool]] = {
    Compare.UNHAPPY: lambda rule, row: row.field_type in SCORES and is_unhappy(row),
    Compare.HAPPY: lambda rule, row: row.field_type in SCORES and is_happy(row),
    Compare.AT_MOST: _at_most,
    Compare.AT_LEAST: _at_least,
}
