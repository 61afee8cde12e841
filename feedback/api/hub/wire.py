"""The shapes of feedback records on this wire, and the way in and out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord
from feedbackhub.api.errors import ApiError
from feedbackhub.api.times import format_utc, parse_timestamp
from feedbackhub.errors import FieldProblem, Invalid
from feedbackhub.ids import uuid7

UNKNOWN = "is not a recognized request field"
REQUIRED = "is required"
NOT_A_TIME = "must be in RFC3339 (ISO 8601) format"
OUT_OF_YEARS = "must be between 1970-01-01 and 2080-12-31"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
FIELD_TYPES = tuple(FeedbackRecord.FieldType.values)
LARGEST_NUMBER = 10**15


class Text(NamedTuple):
    """A string member: its greatest length in characters, and whether it must be there and not empty."""

    longest: int
    required: bool = False


TEXTS = {
    "source_type": Text(255, required=True),
    "field_id": Text(255, required=True),
    "submission_id": Text(255),
    "tenant_id": Text(255),
    "source_id": Text(255),
    "source_name": Text(255),
    "field_label": Text(2048),
    "field_group_id": Text(255),
    "field_group_label": Text(2048),
    "value_text": Text(30_000),
    "value_id": Text(255),
    "language": Text(10),
    "user_id": Text(255),
    "user_identifier": Text(255),
}
REQUIRED_MEMBERS = frozenset({name for name, rule in TEXTS.items() if rule.required} | {"field_type"})
STRICTLY_REQUIRED = REQUIRED_MEMBERS | {"tenant_id", "submission_id"}
TIMES = ("value_date", "collected_at")
MEMBERS = (*TEXTS, *TIMES, "field_type", "value_number", "value_boolean", "metadata")
CHANGEABLE = (
    "value_text",
    "value_id",
    "value_number",
    "value_boolean",
    "value_date",
    "metadata",
    "language",
    "user_id",
    "user_identifier",
)
# Read by name on every record; absent ones are left out of the answer.
OPTIONAL = (
    "source_id",
    "source_name",
    "field_label",
    "field_group_id",
    "field_group_label",
    "value_text",
    "value_id",
    "value_boolean",
    "language",
    "user_id",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which generation of clients a request is answered as; see generations.py."""

    legacy: bool = False
    strict: bool = False


class BadTimestamp(Invalid):
    """A time that cannot be read: this contract calls it a bad request, not a validation error."""


def parse_create(body: Mapping[str, Any], dialect: Dialect) -> RecordDraft:
    """A checked draft. Raises Invalid with a problem per member at fault, in the vocabulary of this contract."""
    problems: list[FieldProblem] = []
    required = STRICTLY_REQUIRED if dialect.strict else REQUIRED_MEMBERS
    given = _given(body, MEMBERS, dialect, problems, required=required)
    values: dict[str, Any] = {name: value for name, value in given.items() if name != "tenant_id"}
    if "tenant_id" in given and not (tenant := given["tenant_id"].strip()):
        problems.append(FieldProblem("tenant_id", REQUIRED))
    elif "tenant_id" in given:
        values["tenant_id"] = tenant
    if given.get("submission_id") == "":
        problems.append(FieldProblem("submission_id", REQUIRED))
    if problems:
        raise Invalid.many(problems)
    # Without an id of its own every answer is a sitting of its own: the second answer to a question is no duplicate.
    if "submission_id" not in values:
        values["submission_id"] = str(uuid7())
    if "metadata" in body and body["metadata"] is None:
        # An explicit null is given back as null, which the column cannot tell from nothing.
        values["raw"] = {"metadata": None}
    return RecordDraft(contract=FeedbackRecord.Contract.HUB, **values)


def parse_changes(body: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """What a PATCH replaces; null leaves alone, as on the original. Raises Invalid."""
    problems: list[FieldProblem] = []
    changes = _given(body, CHANGEABLE, dialect, problems, required=frozenset())
    if problems:
        raise Invalid.many(problems)
    return changes


def render(record: FeedbackRecord, dialect: Dialect) -> dict[str, Any]:
    """A record as clients read it: nothing absent is sent, times are UTC, numbers without a needless fraction."""
    answer: dict[str, Any] = {
        "id": str(record.pk),
        "collected_at": format_utc(record.collected_at),
        "created_at": format_utc(record.created_at),
        "updated_at": format_utc(record.updated_at),
        "source_type": record.source_type,
        "field_id": record.field_id,
        "field_type": record.field_type,
        "submission_id": record.submission_id,
    }
    if record.tenant_id:
        answer["tenant_id"] = record.tenant_id
    for name in OPTIONAL:
        value = getattr(record, name)
        if value is not None:
            answer[name] = value
    if record.value_number is not None:
        answer["value_number"] = _number(record.value_number)
    if record.value_date is not None:
        answer["value_date"] = format_utc(record.value_date)
    if record.metadata is not None or (record.raw and "metadata" in record.raw):
        answer["metadata"] = record.metadata
    if dialect.legacy and record.user_id is not None:
        answer["user_identifier"] = record.user_id
    return answer


def read_time(name: str, value: Any) -> datetime:
    """RFC 3339 with a zone, within the documented years. Raises BadTimestamp, and Invalid outside the years."""
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise BadTimestamp(NOT_A_TIME, field=name)
    try:
        return parse_timestamp(value, name)
    except ApiError:
        pass
    raise _out_of_reach(name, value)


def _out_of_reach(name: str, value: str) -> Invalid:
    """Well-formed, but no day of the calendar, or outside the years."""
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return BadTimestamp(NOT_A_TIME, field=name)
    return Invalid(OUT_OF_YEARS, field=name)


def _given(
    body: Mapping[str, Any],
    members: tuple[str, ...],
    dialect: Dialect,
    problems: list[FieldProblem],
    *,
    required: frozenset[str],
) -> dict[str, Any]:
    """The members that carry a value, checked one by one; `user_identifier` arrives as `user_id`."""
    known = set(members) - ({"user_identifier"} if dialect.strict else set())
    problems += [FieldProblem(name[:64], UNKNOWN) for name in body if name not in known]
    given: dict[str, Any] = {}
    for name in members:
        value = body.get(name)
        if name in required and (value is None or value == ""):
            problems.append(FieldProblem(name, REQUIRED))
        elif value is not None and name in known:
            given[name] = _checked(name, value, problems)
    return _one_user(given, problems)


def _one_user(given: dict[str, Any], problems: list[FieldProblem]) -> dict[str, Any]:
    old = given.pop("user_identifier", None)
    if old is not None and given.setdefault("user_id", old) != old:
        problems.append(FieldProblem("user_id", "must be the same as user_identifier"))
    return given


def _checked(name: str, value: Any, problems: list[FieldProblem]) -> Any:
    if name in TEXTS:
        return _text(name, value, problems)
    if name in TIMES:
        return _time(name, value, problems)
    match name:
        case "field_type":
            reason = "" if value in FIELD_TYPES else _bad_field_type(value)
        case "value_number":
            reason = _bad_number(value)
            value = value if reason else float(value)
        case "value_boolean":
            reason = "" if isinstance(value, bool) else "must be bool"
        case _:
            reason = "" if isinstance(value, dict) else "must be an object or null"
    if reason:
        problems.append(FieldProblem(name, reason))
    return value


def _text(name: str, value: Any, problems: list[FieldProblem]) -> str:
    if not isinstance(value, str):
        problems.append(FieldProblem(name, "must be string"))
        return ""
    if len(value.strip() if name == "tenant_id" else value) > TEXTS[name].longest:
        problems.append(FieldProblem(name, f"must be at most {TEXTS[name].longest}"))
    return value


def _time(name: str, value: Any, problems: list[FieldProblem]) -> datetime | None:
    try:
        return read_time(name, value)
    except BadTimestamp:
        raise
    except Invalid as error:
        problems += error.problems
    return None


def _bad_field_type(value: Any) -> str:
    listed = f"must be one of: {', '.join(FIELD_TYPES)}"
    return f'has invalid value "{value[:64]}"; {listed}' if isinstance(value, str) else listed


def _bad_number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be float64"
    if value < -LARGEST_NUMBER:
        return f"must be at least -{LARGEST_NUMBER}"
    return f"must be at most {LARGEST_NUMBER}" if value > LARGEST_NUMBER else ""


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() else value
