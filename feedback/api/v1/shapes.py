"""What goes in and out of the own API, as types: the source of docs/openapi/api.json."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from feedback.models import FeedbackRecord

FieldType = Literal["text", "categorical", "nps", "csat", "ces", "rating", "number", "boolean", "date"]
# Spelled out for the document; a test holds it to the model's choices.
Contract = Literal["hub", "inkeep", "buildbetter", "request", "review", "api"]


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


def record_of(row: FeedbackRecord) -> Record:
    values = {name: getattr(row, name) for name in Record.__struct_fields__}
    return Record(**{**values, "tenant_id": row.tenant_id or None})
