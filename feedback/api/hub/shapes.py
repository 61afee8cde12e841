"""What goes in and out, as types: the source of docs/openapi/hub.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from feedback.api.hub.query import EMOTIONS, SENTIMENTS, TEXTS
from feedback.api.hub.wire import FIELD_TYPES
from feedbackhub.api.openapi import parameter

FieldType = Literal["text", "categorical", "nps", "csat", "ces", "rating", "number", "boolean", "date"]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Id = Annotated[str, Meta(max_length=255)]
NamedId = Annotated[str, Meta(min_length=1, max_length=255)]
Label = Annotated[str, Meta(max_length=2048)]
Number = Annotated[float, Meta(ge=-1e15, le=1e15)]


class Answered(TypedDict):
    """What a sender may correct; null is as good as absent."""

    value_text: NotRequired[Annotated[str, Meta(max_length=30_000)] | None]
    value_id: NotRequired[Id | None]
    value_number: NotRequired[Number | None]
    value_boolean: NotRequired[bool | None]
    value_date: NotRequired[Time | None]
    metadata: NotRequired[dict[str, Any] | None]
    language: NotRequired[Annotated[str, Meta(max_length=10)] | None]
    user_id: NotRequired[Id | None]
    user_identifier: NotRequired[Id | None]


class NewRecord(Answered):
    """One answer. Senders of today name tenant_id and submission_id; `user_identifier` is the old name of user_id."""

    source_type: NamedId
    field_id: NamedId
    field_type: FieldType
    tenant_id: NotRequired[NamedId | None]
    submission_id: NotRequired[NamedId | None]
    source_id: NotRequired[Id | None]
    source_name: NotRequired[Id | None]
    field_label: NotRequired[Label | None]
    field_group_id: NotRequired[Id | None]
    field_group_label: NotRequired[Label | None]
    collected_at: NotRequired[Time | None]


class Record(TypedDict):
    """One answer as it is stored; what is absent is left out."""

    id: Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
    collected_at: Time
    created_at: Time
    updated_at: Time
    source_type: str
    field_id: str
    field_type: FieldType
    submission_id: str
    tenant_id: NotRequired[str]
    source_id: NotRequired[str]
    source_name: NotRequired[str]
    field_label: NotRequired[str]
    field_group_id: NotRequired[str]
    field_group_label: NotRequired[str]
    value_text: NotRequired[str]
    value_id: NotRequired[str]
    value_number: NotRequired[float]
    value_boolean: NotRequired[bool]
    value_date: NotRequired[Time]
    metadata: NotRequired[dict[str, Any] | None]
    language: NotRequired[str]
    user_id: NotRequired[str]
    user_identifier: NotRequired[str]


class Page(TypedDict):
    """`total` and `offset` are for clients that page by offset; all others follow `next_cursor`."""

    data: list[Record]
    limit: int
    next_cursor: NotRequired[str]
    total: NotRequired[int]
    offset: NotRequired[int]


class Count(TypedDict):
    count: int


class Erased(TypedDict):
    deleted_count: int
    message: str


_TIME = {"type": "string", "format": "date-time"}
_ENUMS = {"field_type": FIELD_TYPES, "sentiment": SENTIMENTS, "emotions": EMOTIONS}
FILTERS = [
    parameter("tenant_id", NamedId, "Required of today's clients; without it the whole account, for old ones."),
    *(parameter(name, {"type": "string", "maxLength": longest}, many=True) for name, longest in TEXTS.items()),
    parameter("user_identifier", Id, "The old name of user_id."),
    *(parameter(name, {"enum": list(known)}, many=True) for name, known in _ENUMS.items()),
    *(
        parameter(f"{stem}{end}", _TIME, "Inclusive.")
        for stem in ("", "created_", "updated_")
        for end in ("since", "until")
    ),
    *(parameter(f"value_date_{end}", _TIME, "Inclusive.") for end in ("min", "max")),
    *(parameter(f"value_number_{end}", float, "Inclusive.") for end in ("min", "max")),
    *(parameter(f"sentiment_score_{end}", Annotated[float, Meta(ge=-1, le=1)]) for end in ("min", "max")),
    *(parameter(f"has_{what}", bool) for what in ("sentiment", "emotions", "translation")),
]
PAGING = [
    parameter("limit", Annotated[int, Meta(ge=0, le=1000)], "0 is the default, 100."),
    parameter("cursor", str, "next_cursor of the page before."),
    parameter("sort", Literal["collected_at", "created_at"]),
    parameter("order", Literal["asc", "desc"]),
    parameter("offset", Annotated[int, Meta(ge=0)], "Old clients page by it."),
]
ERASURE = [
    parameter("user_id", NamedId, "Whose records; user_identifier is its old name."),
    parameter("user_identifier", NamedId),
    parameter("tenant_id", NamedId, "In this tenant only; without it in all."),
]
