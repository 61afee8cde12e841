"""Filters and orders of the list of answers."""

from __future__ import annotations

from typing import Annotated, Any, get_args
from uuid import UUID

from django.http import QueryDict
from msgspec import Meta

from feedback.api.v1 import shapes
from feedback.domain.queries.records import RecordFilter
from feedbackhub.api.openapi import parameter
from feedbackhub.api.own.pages import Moment, Sort
from feedbackhub.api.times import parse_timestamp
from feedbackhub.errors import FieldProblem, Invalid, NotFound

MOST_VALUES = 100
# Repeatable; a record matches with any of the values.
TEXTS = dict.fromkeys(("submission_id", "source_type", "source_id", "field_id", "field_group_id", "user_id"), 255)
ENUMS = {"field_type": get_args(shapes.FieldType), "contract": get_args(shapes.Contract)}
TIMES = {
    "collected_from": "collected_at__gte",
    "collected_before": "collected_at__lt",
    "created_from": "created_at__gte",
    "created_before": "created_at__lt",
}
# An index serves both, within a tenant and over the account.
SORTS = {
    "-collected_at": Sort(("-collected_at", "id"), (Moment, UUID)),
    "collected_at": Sort(("collected_at", "-id"), (Moment, UUID)),
}
FILTERS = [
    parameter("tenant_id", Annotated[str, Meta(max_length=255)], "Empty for answers without a tenant."),
    *(parameter(name, Annotated[str, Meta(max_length=longest)], many=True) for name, longest in TEXTS.items()),
    *(parameter(name, {"enum": list(known)}, many=True) for name, known in ENUMS.items()),
    *(parameter(name, {"type": "string", "format": "date-time"}) for name in TIMES),
]


def parse(query: QueryDict) -> RecordFilter:
    """What a list or count is narrowed to. Raises Invalid with a problem per parameter at fault."""
    problems: list[FieldProblem] = []
    any_of = {name: values for name in (*TEXTS, *ENUMS) if (values := query.getlist(name))}
    for name, values in any_of.items():
        if reason := _refused(name, values):
            problems.append(FieldProblem(name, reason))
    tenant = query.get("tenant_id")
    if tenant is not None and len(tenant) > 255:
        problems.append(FieldProblem("tenant_id", "must be at most 255 characters"))
    if problems:
        raise Invalid.many(problems)
    ranges: dict[str, Any] = {
        lookup: parse_timestamp(query[name], name) for name, lookup in TIMES.items() if name in query
    }
    return RecordFilter(tenant_id=tenant, any_of=any_of, ranges=ranges)


def _refused(name: str, values: list[str]) -> str:
    if len(values) > MOST_VALUES:
        return f"must be given at most {MOST_VALUES} times"
    if name in ENUMS:
        known = ENUMS[name]
        return "" if set(values) <= set(known) else f"must be one of: {', '.join(known)}"
    return f"must be at most {TEXTS[name]} characters" if max(map(len, values)) > TEXTS[name] else ""


def record_id(text: str) -> UUID:
    """The id in a path. What is no UUID names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such record.") from None
