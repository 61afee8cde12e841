"""Webhooks on this wire: endpoints in and out, and the body of what is sent to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Model
from django.http import QueryDict

from feedback.api.hub import wire
from feedback.api.hub.query import CURSOR_IS_BAD, DEFAULT_LIMIT, LARGEST_LIMIT, TRUE, whole
from feedback.api.hub.wire import REQUIRED, UNKNOWN, Dialect, read_time
from feedback.domain.webhooks.endpoints import EndpointDraft, IssuedEndpoint
from feedback.models import EventType, FeedbackRecord, WebhookEndpoint, WebhookEvent
from feedbackhub.api.pagination import opened, sealed
from feedbackhub.api.times import format_utc
from feedbackhub.errors import FieldProblem, Invalid

LONGEST = {"url": 2048, "tenant_id": 255, "signing_key": 255}
MEMBERS = ("url", "tenant_id", "enabled", "event_types", "signing_key")
TODAY = Dialect()
M = TypeVar("M", bound=Model)


class Asked(NamedTuple):
    """What a list is narrowed to."""

    limit: int
    tenant_id: str | None
    enabled: bool | None
    after: tuple[datetime, UUID] | None


def parse_create(body: Mapping[str, Any]) -> EndpointDraft:
    return EndpointDraft(**_given(body, required=("url", "tenant_id")))


def parse_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a PATCH replaces; null leaves alone."""
    return _given(body, required=())


def parse_list(query: QueryDict) -> Asked:
    problems: list[FieldProblem] = []
    limit = whole(query, "limit", LARGEST_LIMIT, problems) or DEFAULT_LIMIT
    tenant = query.get("tenant_id")
    if tenant is not None and not 0 < len(tenant.strip()) <= 255:
        problems.append(FieldProblem("tenant_id", "must be at most 255" if tenant.strip() else REQUIRED))
    enabled = query.get("enabled", "").lower()
    if enabled and enabled not in TRUE:
        problems.append(FieldProblem("enabled", "must be a valid boolean"))
    after = _cursor(query.get("cursor"), problems)
    if problems:
        raise Invalid.many(problems)
    return Asked(limit, tenant.strip() if tenant else None, TRUE.get(enabled), after)


def cursor_of(endpoint: WebhookEndpoint) -> str:
    return sealed({"t": format_utc(endpoint.created_at), "i": str(endpoint.pk)})


def render(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Without its key, which is seen once."""
    answer = {
        "id": str(endpoint.pk),
        "tenant_id": endpoint.tenant_id,
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "event_types": endpoint.event_types,
        "created_at": format_utc(endpoint.created_at),
        "updated_at": format_utc(endpoint.updated_at),
    }
    if endpoint.disabled_reason is not None:
        answer["disabled_reason"] = endpoint.disabled_reason
    if endpoint.disabled_at is not None:
        answer["disabled_at"] = format_utc(endpoint.disabled_at)
    return answer


def render_issued(issued: IssuedEndpoint) -> dict[str, Any]:
    return {**render(issued.endpoint), "signing_key": issued.signing_key}


def body_of(event: WebhookEvent) -> bytes:
    """What a receiver reads; the same bytes with every try."""
    body = {
        "id": str(event.pk),
        "type": event.type,
        "timestamp": format_utc(event.happened_at),
        "tenant_id": event.tenant_id,
        "data": _data(event),
    }
    if event.changed_fields is not None:
        body["changed_fields"] = event.changed_fields
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _data(event: WebhookEvent) -> Any:
    if event.type in (EventType.RECORD_CREATED, EventType.RECORD_UPDATED):
        return wire.render(_row(FeedbackRecord, event.data), TODAY)
    if event.type in (EventType.WEBHOOK_CREATED, EventType.WEBHOOK_UPDATED):
        return render(_row(WebhookEndpoint, event.data))
    return event.data


def _row(model: type[M], columns: Mapping[str, Any]) -> M:
    """The row as it was, from its columns; one that came later has its default."""
    fields = [field for field in model._meta.concrete_fields if field.attname in columns]
    return model(**{field.attname: field.to_python(columns[field.attname]) for field in fields})


def _given(body: Mapping[str, Any], *, required: tuple[str, ...]) -> dict[str, Any]:
    problems = [FieldProblem(name[:64], UNKNOWN) for name in body if name not in MEMBERS]
    given: dict[str, Any] = {}
    for name in MEMBERS:
        value = body.get(name)
        if value is None:
            problems += [FieldProblem(name, REQUIRED)] if name in required else []
        elif reason := _wrong(name, value):
            problems.append(FieldProblem(name, reason))
        else:
            given[name] = value.strip() if name == "tenant_id" else value
    if problems:
        raise Invalid.many(problems)
    return given


def _wrong(name: str, value: Any) -> str:
    if name == "enabled":
        return "" if isinstance(value, bool) else "must be bool"
    if name == "event_types":
        right = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return "" if right else "must be []string"
    if not isinstance(value, str):
        return "must be string"
    if name != "signing_key" and not value.strip():
        return REQUIRED
    return f"must be at most {LONGEST[name]}" if len(value) > LONGEST[name] else ""


def _cursor(text: str | None, problems: list[FieldProblem]) -> tuple[datetime, UUID] | None:
    if not text:
        return None
    try:
        seen = opened(text)
        return read_time("cursor", seen["t"]), UUID(seen["i"])
    except (ValueError, TypeError, KeyError, AttributeError, Invalid):
        problems.append(FieldProblem("cursor", CURSOR_IS_BAD))
        return None
