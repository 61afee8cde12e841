"""The parameters of lists and counts: filters, ranges, order, cursor."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from django.http import QueryDict

from feedback.api.hub.wire import FIELD_TYPES, NOT_A_TIME, OUT_OF_YEARS, REQUIRED, Dialect, read_time
from feedback.domain.queries.records import Position, RecordFilter, Sort
from feedbackhub.api.pagination import opened, sealed
from feedbackhub.api.times import format_utc
from feedbackhub.errors import FieldProblem, Invalid

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000
LARGEST_FEW = 100
MOST_VALUES = 100
# Repeatable texts and their greatest length.
TEXTS = {
    "submission_id": 255,
    "source_type": 255,
    "source_id": 255,
    "source_name": 255,
    "field_id": 255,
    "field_group_id": 255,
    "value_id": 255,
    "user_id": 255,
    "language": 10,
}
SENTIMENTS = ("very_negative", "negative", "neutral", "positive", "very_positive", "mixed")
EMOTIONS = ("joy", "anger", "sadness", "fear", "surprise", "disgust")
ENUMS = {"field_type": FIELD_TYPES, "sentiment": SENTIMENTS, "emotions": EMOTIONS}
# Lower bound, upper bound, column; both ends belong to the range.
TIME_RANGES = (
    ("since", "until", "collected_at"),
    ("created_since", "created_until", "created_at"),
    ("updated_since", "updated_until", "updated_at"),
    ("value_date_min", "value_date_max", "value_date"),
)
NUMBER_RANGE = ("value_number_min", "value_number_max", "value_number")
PRESENCE = ("has_sentiment", "has_emotions", "has_translation")
TRUE = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
UUID_FORM = re.compile(
    r"(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|[0-9a-f]{32}",
    re.IGNORECASE,
)
CURSOR_IS_BAD = "omit it for the first page, or use the exact next_cursor value from the previous response"
CURSOR_IS_FOREIGN = (
    "was issued for a different sort/order; restart pagination without a cursor, or keep sort and order unchanged"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    wanted: RecordFilter
    limit: int
    offset: int
    sort: Sort
    descending: bool
    after: Position | None


def parse_list(query: QueryDict, dialect: Dialect, *, by_sdk: bool) -> ListQuery:
    """Everything a list asks for. Raises Invalid with a problem per parameter at fault."""
    problems: list[FieldProblem] = []
    sort = cast(Sort, _one_of(query, "sort", ("collected_at", "created_at"), problems) or "collected_at")
    descending = (_one_of(query, "order", ("asc", "desc"), problems) or "desc") == "desc"
    parsed = ListQuery(
        wanted=_filter(query, dialect, by_sdk, problems),
        limit=whole(query, "limit", LARGEST_LIMIT, problems) or DEFAULT_LIMIT,
        offset=whole(query, "offset", 2**31, problems),
        sort=sort,
        descending=descending,
        after=_cursor(query, sort, descending, problems),
    )
    if problems:
        raise Invalid.many(problems)
    return parsed


def parse_count(query: QueryDict, dialect: Dialect, *, by_sdk: bool) -> RecordFilter:
    """A list's filters alone."""
    problems: list[FieldProblem] = []
    wanted = _filter(query, dialect, by_sdk, problems)
    if problems:
        raise Invalid.many(problems)
    return wanted


def parse_erasure(query: QueryDict) -> tuple[str, str | None]:
    """Whose records to delete, and in which tenant (None: in all)."""
    problems: list[FieldProblem] = []
    user = query.get("user_id") or query.get("user_identifier") or ""
    tenant = query.get("tenant_id")
    tenant = tenant.strip() if tenant is not None else None
    for name, value in (("user_id", user), ("tenant_id", tenant)):
        if value == "":
            problems.append(FieldProblem(name, REQUIRED))
        elif value is not None and len(value) > 255:
            problems.append(FieldProblem(name, "must be at most 255"))
    if problems:
        raise Invalid.many(problems)
    return user, tenant


def cursor_of(position: Position, sort: Sort, descending: bool) -> str:
    """Opaque to clients: the last row seen, and the order it was seen in."""
    order = "desc" if descending else "asc"
    return sealed({"t": format_utc(position.at), "i": str(position.id), "s": sort, "o": order})


def _cursor(query: QueryDict, sort: Sort, descending: bool, problems: list[FieldProblem]) -> Position | None:
    text = query.get("cursor")
    if not text:
        return None
    try:
        seen = opened(text)
        position = Position(read_time("cursor", seen["t"]), UUID(seen["i"]))
        # Cursors of older servers say nothing about their order: there was but one.
        order = (seen.get("s", "collected_at"), seen.get("o", "desc"))
    except (ValueError, TypeError, KeyError, AttributeError, Invalid):
        problems.append(FieldProblem("cursor", CURSOR_IS_BAD))
        return None
    if order != (sort, "desc" if descending else "asc"):
        problems.append(FieldProblem("cursor", CURSOR_IS_FOREIGN))
    return position


def _filter(query: QueryDict, dialect: Dialect, by_sdk: bool, problems: list[FieldProblem]) -> RecordFilter:
    any_of = {name: values for name in TEXTS if (values := _texts(query, name, by_sdk, problems))}
    if not dialect.strict and "user_id" not in any_of:
        old = _texts(query, "user_identifier", by_sdk, problems)
        any_of |= {"user_id": old} if old else {}
    chosen = {name: _enum(query, name, problems) for name in ENUMS}
    any_of |= {"field_type": chosen["field_type"]} if chosen["field_type"] else {}
    ranges: dict[str, Any] = {}
    for low, high, column in TIME_RANGES:
        ranges |= _range(query, low, high, column, _time, problems)
    ranges |= _range(query, *NUMBER_RANGE, _number, problems)
    present = [_flag(query, name, problems) for name in PRESENCE]
    # Nothing is enriched here, so whatever asks for an enrichment asks for nothing.
    nothing = any((*present, chosen["sentiment"], chosen["emotions"], _score_asked(query, problems)))
    return RecordFilter(tenant_id=_tenant(query, dialect, problems), any_of=any_of, ranges=ranges, nothing=nothing)


def _score_asked(query: QueryDict, problems: list[FieldProblem]) -> bool:
    """Whether a sentiment score is asked for; scores lie between -1 and 1."""
    low, high = "sentiment_score_min", "sentiment_score_max"
    asked = _range(query, low, high, "score", _number, problems)
    for name, lookup in ((low, "score__gte"), (high, "score__lte")):
        if abs(asked.get(lookup, 0)) > 1:
            problems.append(FieldProblem(name, "must be between -1 and 1"))
    return bool(asked)


def _tenant(query: QueryDict, dialect: Dialect, problems: list[FieldProblem]) -> str | None:
    tenant = query.get("tenant_id")
    if tenant is None and not dialect.strict:
        return None
    tenant = (tenant or "").strip()
    if not tenant or len(tenant) > 255:
        problems.append(FieldProblem("tenant_id", "must be at most 255" if tenant else REQUIRED))
    return tenant


def _texts(query: QueryDict, name: str, by_sdk: bool, problems: list[FieldProblem]) -> list[str]:
    """Repeats mean or. The official SDK joins with commas instead, so from it a comma may be either."""
    values = query.getlist(name)
    if by_sdk:
        values = list(dict.fromkeys([*values, *(part for value in values for part in value.split(","))]))
    longest = TEXTS.get(name, 255)
    if len(values) > MOST_VALUES:
        problems.append(FieldProblem(name, f"must be at most {MOST_VALUES}"))
    elif any(len(value) > longest for value in query.getlist(name)) and not by_sdk:
        problems.append(FieldProblem(name, f"must be at most {longest}"))
    return values


def _enum(query: QueryDict, name: str, problems: list[FieldProblem]) -> list[str]:
    parts = dict.fromkeys(part for value in query.getlist(name) for part in value.split(",") if part)
    if unknown := next((part for part in parts if part not in ENUMS[name]), None):
        listed = ", ".join(ENUMS[name])
        problems.append(FieldProblem(name, f'has invalid value "{unknown[:64]}"; must be one of: {listed}'))
    return list(parts)


def _range(
    query: QueryDict,
    low: str,
    high: str,
    column: str,
    read: Callable[[str, str, list[FieldProblem]], Any],
    problems: list[FieldProblem],
) -> Mapping[str, Any]:
    ends: list[Any] = [read(name, text, problems) if (text := query.get(name)) else None for name in (low, high)]
    if None not in ends and ends[0] > ends[1]:
        problems.append(FieldProblem(low, f"must be less than or equal to {high}"))
    bounds = zip(("gte", "lte"), ends, strict=True)
    return {f"{column}__{lookup}": end for lookup, end in bounds if end is not None}


def _time(name: str, text: str, problems: list[FieldProblem]) -> datetime | None:
    try:
        # A plus that was not percent-encoded arrives as a blank.
        return read_time(name, text.replace(" ", "+"))
    except Invalid as error:
        problems.append(FieldProblem(name, OUT_OF_YEARS if error.message == OUT_OF_YEARS else NOT_A_TIME))
    return None


def _number(name: str, text: str, problems: list[FieldProblem]) -> float | None:
    if len(text) <= 64 and re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        number = float(text)
        if math.isfinite(number):
            return number
    problems.append(FieldProblem(name, "must be a valid number"))
    return None


def _flag(query: QueryDict, name: str, problems: list[FieldProblem]) -> bool:
    text = query.get(name)
    if not text:
        return False
    if text.lower() not in TRUE:
        problems.append(FieldProblem(name, "must be a valid boolean"))
    return TRUE.get(text.lower(), False)


def whole(query: QueryDict, name: str, largest: int, problems: list[FieldProblem]) -> int:
    """A whole number up to `largest`; 0 where there is none."""
    text = query.get(name) or "0"
    if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        problems.append(FieldProblem(name, "must be a valid integer"))
        return 0
    number = int(text)
    if number < 0:
        problems.append(FieldProblem(name, "must be at least 0" if name == "offset" else "must be at least 1"))
    elif number > largest:
        problems.append(FieldProblem(name, f"must be at most {largest}"))
    return number


def _one_of(
    query: QueryDict, name: str, known: tuple[str, ...], problems: list[FieldProblem]
) -> Literal["collected_at", "created_at", "asc", "desc"] | None:
    value = query.get(name)
    if value and value not in known:
        problems.append(FieldProblem(name, f"must be one of: {' '.join(known)}"))
    return cast(Literal["collected_at", "created_at", "asc", "desc"], value) if value in known else None


def uuid_of(text: str) -> UUID:
    """The id of an address, in any usual form. Raises Invalid."""
    if not UUID_FORM.fullmatch(text):
        raise Invalid("must be a valid UUID", field="id")
    return UUID(text)


def tenant_of(text: str) -> str:
    """The tenant of an address. Raises Invalid."""
    if reason := required_text(text):
        raise Invalid(reason, field="tenant_id")
    return text.strip()


def required_text(value: Any) -> str:
    """What is wrong with an id that must be there; empty if nothing is."""
    if value is None or value == "" or (isinstance(value, str) and not value.strip()):
        return REQUIRED
    if not isinstance(value, str):
        return "must be string"
    return "must be at most 255" if len(value) > 255 else ""


def parse_tenant(query: QueryDict, *names: str) -> str:
    """The tenant of a query, and what else it must name. Raises Invalid."""
    if problems := _missing(query, names or ("tenant_id",)):
        raise Invalid.many(problems)
    return query.get("tenant_id", "").strip()


def parse_scope(query: QueryDict, problems: list[FieldProblem] | None = None) -> None:
    """What a taxonomy is asked for; there is none, so it is only checked. Raises Invalid."""
    found = [*_missing(query, ("tenant_id",)), *(problems or [])]
    if (scope := query.get("scope_type")) and scope not in ("field", "directory"):
        found.append(FieldProblem("scope_type", "must be one of: field directory"))
    names = ("source_type", "source_id", "field_id")
    found += [FieldProblem(name, "must be at most 255") for name in names if len(query.get(name, "")) > 255]
    if found:
        raise Invalid.many(found)


def parse_runs(query: QueryDict) -> None:
    """A scope and how many. Raises Invalid."""
    problems: list[FieldProblem] = []
    if query.get("limit") == "0":
        problems.append(FieldProblem("limit", "must be at least 1"))
    whole(query, "limit", LARGEST_FEW, problems)
    parse_scope(query, problems)


def _missing(query: QueryDict, names: tuple[str, ...]) -> list[FieldProblem]:
    return [FieldProblem(name, reason) for name in names if (reason := required_text(query.get(name)))]
