"""What goes in and out besides records, as types: the source of docs/openapi/hub.json, as shapes.py is."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from feedback.api.hub.errors import ERROR_SCHEMA
from feedback.api.hub.shapes import Id, NamedId, Time
from feedbackhub.api.openapi import parameter

# Of an operation that has nothing else to say here.
PROBLEM = ERROR_SCHEMA

Uuid = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Count = Annotated[int, Meta(ge=0)]
EventType = Literal[
    "feedback_record.created",
    "feedback_record.updated",
    "feedback_record.deleted",
    "webhook.created",
    "webhook.updated",
    "webhook.deleted",
]
EventTypes = Annotated[list[EventType], Meta(extra_json_schema={"uniqueItems": True})]
Url = Annotated[str, Meta(max_length=2048, extra_json_schema={"format": "uri"})]
Key = Annotated[str, Meta(min_length=1, max_length=255)]


class ChangedWebhook(TypedDict):
    """null is as good as absent; no event types means all of them."""

    url: NotRequired[Url | None]
    tenant_id: NotRequired[NamedId | None]
    enabled: NotRequired[bool | None]
    event_types: NotRequired[EventTypes | None]
    signing_key: NotRequired[Key | None]


class NewWebhook(TypedDict):
    """Without a signing key one is made; either is shown once."""

    url: Url
    tenant_id: NamedId
    enabled: NotRequired[bool | None]
    event_types: NotRequired[EventTypes | None]
    signing_key: NotRequired[Key | None]


class Webhook(TypedDict):
    """`disabled_…` say why and when the hub itself switched it off."""

    id: Uuid
    tenant_id: str
    url: str
    enabled: bool
    event_types: list[EventType]
    created_at: Time
    updated_at: Time
    disabled_reason: NotRequired[str]
    disabled_at: NotRequired[Time]


class IssuedWebhook(Webhook):
    signing_key: str


class WebhookPage(TypedDict):
    data: list[Webhook]
    limit: int
    next_cursor: NotRequired[str]


class ErasedTenant(TypedDict):
    tenant_id: str
    deleted_feedback_records: Count
    deleted_embeddings: Count
    deleted_webhooks: Count
    deleted_taxonomy_runs: Count
    deleted_taxonomy_clusters: Count
    deleted_taxonomy_cluster_memberships: Count
    deleted_taxonomy_nodes: Count
    deleted_taxonomy_active_runs: Count
    deleted_taxonomy_node_events: Count
    deleted_taxonomy_run_input_records: Count
    message: str


class AcceptedPurge(TypedDict):
    tenant_id: str
    status: Literal["accepted"]
    message: str


class Wishes(TypedDict):
    """null removes a wish (PATCH), or is as good as absent (PUT)."""

    target_language: NotRequired[Annotated[str, Meta(min_length=2, max_length=35)] | None]
    sentiment_enabled: NotRequired[bool | None]
    emotions_enabled: NotRequired[bool | None]


class Wished(TypedDict):
    target_language: NotRequired[str]
    sentiment_enabled: NotRequired[bool]
    emotions_enabled: NotRequired[bool]


class Settings(TypedDict):
    tenant_id: str
    settings: Wished


class Progress(TypedDict):
    enabled: bool
    eligible: Count
    done: Count
    failed: Count
    failed_terminal: Count
    disabled_reason: NotRequired[Literal["not_configured", "switched_off", "no_target_language"]]


class EnrichmentStatus(TypedDict):
    tenant_id: str
    as_of: Time
    translation: Progress
    sentiment: Progress
    emotions: Progress


class RetryWish(TypedDict):
    enrichments: NotRequired[list[Literal["translation", "sentiment", "emotions"]] | None]


class Retried(TypedDict):
    status: Literal["accepted", "cooling_down", "disabled"]
    retried: Count
    disabled_reason: NotRequired[str]


class RetriedEnrichments(TypedDict):
    tenant_id: str
    translation: NotRequired[Retried]
    sentiment: NotRequired[Retried]
    emotions: NotRequired[Retried]


class Search(TypedDict):
    query: str
    tenant_id: NamedId


class Match(TypedDict):
    """An answer, and how alike it is."""

    feedback_record_id: Uuid
    score: Annotated[float, Meta(ge=-1, le=1)]
    field_label: NotRequired[str]
    value_text: str


class Matches(TypedDict):
    data: list[Match]
    limit: int
    next_cursor: NotRequired[str]


class NewRun(TypedDict):
    tenant_id: NamedId
    scope_type: NotRequired[Literal["field", "directory"]]
    source_type: NotRequired[Id]
    source_id: NotRequired[Id]
    field_id: NotRequired[Id]
    field_label: NotRequired[str]
    actor_id: NotRequired[Id]


class Runs(TypedDict):
    """There are none here."""

    data: Annotated[list[dict[str, str]], Meta(max_length=0)]


class RenamedNode(TypedDict):
    tenant_id: NamedId
    actor_id: NamedId
    label: NamedId


TENANT = parameter("tenant_id", NamedId, required=True)
ACTOR = parameter("actor_id", NamedId, required=True)
FEW = parameter("limit", Annotated[int, Meta(ge=1, le=100)])
SCOPE = [
    parameter("scope_type", Literal["field", "directory"]),
    *(parameter(name, Id) for name in ("source_type", "source_id", "field_id")),
]
RUN_FILTERS = [*SCOPE, FEW]
SEARCH = [
    FEW,
    parameter("cursor"),
    parameter("min_score", Annotated[float, Meta(ge=0, le=1)]),
]
WEBHOOK_FILTERS = [
    parameter("tenant_id", NamedId),
    parameter("enabled", bool),
    parameter("limit", Annotated[int, Meta(ge=0, le=1000)], "0 is the default, 100."),
    parameter("cursor", str, "next_cursor of the page before."),
]
