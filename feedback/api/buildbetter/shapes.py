"""What goes in and out, as types: the source of docs/openapi/buildbetter.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from feedbackhub.api.openapi import parameter

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
ExternalId = Annotated[str, Meta(min_length=1, max_length=255)]
Boundary = Literal["external", "internal"]


class NewSource(TypedDict):
    name: Annotated[str, Meta(min_length=1, max_length=255)]
    type: NotRequired[Annotated[str, Meta(max_length=50)] | None]


class Source(TypedDict):
    id: int
    name: str
    type: str
    created_at: Time


class Company(TypedDict):
    """At least one of the two."""

    name: NotRequired[Annotated[str, Meta(max_length=200)] | None]
    domain: NotRequired[Annotated[str, Meta(max_length=253)] | None]


class NewPerson(TypedDict):
    """The e-mail says who it is; members not sent stay as they are, null clears them."""

    email: Annotated[str, Meta(max_length=254, extra_json_schema={"format": "email"})]
    first_name: NotRequired[Annotated[str, Meta(max_length=100)] | None]
    last_name: NotRequired[Annotated[str, Meta(max_length=100)] | None]
    boundary: NotRequired[Boundary]
    company: NotRequired[Company | None]


class Person(TypedDict):
    id: int
    first_name: str | None
    last_name: str | None
    email: str | None
    boundary: Boundary
    company_id: int | None
    created_at: Time


class Field(TypedDict):
    """`value` is of the type that `type` names; at most 10 240 bytes."""

    category: Literal["content", "created_at", "identifier", "identity", "metadata"]
    type: Literal["boolean", "date", "datetime", "float", "integer", "json", "string"]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    value: Any


class Change(TypedDict):
    """Members not sent stay; null clears a person or an external id. `fields` is replaced whole."""

    fields: NotRequired[Annotated[list[Field], Meta(min_length=1, max_length=500)]]
    person_id: NotRequired[int | None]
    external_id: NotRequired[ExternalId | None]
    display_ts: NotRequired[Time | None]


class NewRecord(TypedDict):
    """One record per request."""

    fields: Annotated[list[Field], Meta(min_length=1, max_length=500)]
    person_id: NotRequired[int | None]
    external_id: NotRequired[ExternalId | None]
    display_ts: NotRequired[Time | None]


class Record(TypedDict):
    id: int
    feedback_source_id: int
    person_id: int | None
    external_id: str | None
    display_ts: Time
    created_at: Time
    fields: list[Field]


class SourcePage(TypedDict):
    feedback_sources: list[Source]
    has_more: bool


class PersonPage(TypedDict):
    people: list[Person]
    has_more: bool


class RecordPage(TypedDict):
    records: list[Record]
    has_more: bool


PAGING = [
    parameter("page", Annotated[int, Meta(ge=1)], "From 1."),
    parameter("limit", Annotated[int, Meta(ge=1, le=100)], "50 unless said."),
]
