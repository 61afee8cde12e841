"""What goes in and out of the own API, as types: the source of docs/openapi/api.json."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from feedback.models import FeedbackRecord
from feedbackhub.api.own.pages import Moment

FieldType = Literal["text", "categorical", "nps", "csat", "ces", "rating", "number", "boolean", "date"]
# Spelled out for the document; a test holds it to the model's choices.
Contract = Literal["hub", "inkeep", "buildbetter", "request", "review", "api"]


Id = Annotated[str, Meta(max_length=255)]
NamedId = Annotated[str, Meta(min_length=1, max_length=255)]
Label = Annotated[str, Meta(max_length=2048)]


class NewRecord(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One answer to store; null is as good as absent. Without a submission_id it is a sitting of its own."""

    source_type: NamedId
    field_id: NamedId
    field_type: FieldType
    tenant_id: NamedId | None = None
    submission_id: NamedId | None = None
    source_id: Id | None = None
    source_name: Id | None = None
    field_label: Label | None = None
    field_group_id: Id | None = None
    field_group_label: Label | None = None
    value_text: Annotated[str, Meta(max_length=30_000)] | None = None
    value_id: Id | None = None
    value_number: Annotated[float, Meta(ge=-1e15, le=1e15)] | None = None
    value_scale: Annotated[int, Meta(ge=1, le=32_767)] | None = None
    value_boolean: bool | None = None
    value_date: Moment | None = None
    metadata: dict[str, Any] | None = None
    language: Annotated[str, Meta(max_length=10)] | None = None
    user_id: Id | None = None
    collected_at: Moment | None = None


class Record(Struct):
    """One answer; `contract` is how it came. Members without a value are null."""

    id: UUID
    contract: Contract
    tenant_id: str | None
    submission_id: str
    source_type: str
    source_id: str | None
    source_name: str | None
    field_id: str
    field_type: FieldType
    field_label: str | None
    field_group_id: str | None
    field_group_label: str | None
    value_text: str | None
    value_id: str | None
    value_number: float | None
    value_scale: int | None
    value_boolean: bool | None
    value_date: datetime | None
    metadata: Any
    language: str | None
    user_id: str | None
    collected_at: datetime
    created_at: datetime
    updated_at: datetime


class RecordPage(Struct):
    """`next_cursor` is null on the last page."""

    data: list[Record]
    next_cursor: str | None


class Count(Struct):
    count: int


class InvalidParam(Struct):
    name: str
    reason: str


class ItemProblem(Struct, omit_defaults=True):
    """What would have been the answer to the item alone."""

    code: str
    detail: str
    invalid_params: list[InvalidParam] = []


class ItemResult(Struct, omit_defaults=True, gc=False):
    """`index` counts the items from 0; `id` is the record's, of a duplicate that of the record that was there first."""

    index: int
    status: Literal["created", "duplicate", "invalid"]
    id: UUID | None = None
    problem: ItemProblem | None = None


class BatchResult(Struct):
    """How many of each, and what became of each item, in the order in which they were sent."""

    created: int
    duplicate: int
    invalid: int
    results: list[ItemResult]


def record_of(row: FeedbackRecord) -> Record:
    values = {name: getattr(row, name) for name in Record.__struct_fields__}
    return Record(**{**values, "tenant_id": row.tenant_id or None})
