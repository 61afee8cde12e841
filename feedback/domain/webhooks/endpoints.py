"""Endpoints: made with a key that is shown once, changed, switched off and on, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain import tenants
from feedback.domain.queries import webhooks as queries
from feedback.domain.webhooks import events, signing
from feedback.models import EventType, WebhookDelivery, WebhookEndpoint
from feedbackhub import outbound, sealing
from feedbackhub.errors import FieldProblem, Invalid, LimitReached

MOST = 500
CHANGEABLE = frozenset({"url", "enabled", "event_types", "tenant_id", "signing_key"})
BAD_KEY = "must be base64, with or without whsec_ before it"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDraft:
    """No event types means all; without a key one is made."""

    tenant_id: str
    url: str
    enabled: bool = True
    event_types: list[str] = field(default_factory=list)
    signing_key: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedEndpoint:
    """The only time that the key is seen."""

    endpoint: WebhookEndpoint
    signing_key: str


def create(*, account: Account, draft: EndpointDraft, actor: Actor) -> IssuedEndpoint:
    """Raises Invalid naming the field, LimitReached beyond MOST in the account, TenantBusy."""
    _check(tenant_id=draft.tenant_id, url=draft.url, event_types=draft.event_types, signing_key=draft.signing_key)
    key = draft.signing_key or signing.new_key()
    with transaction.atomic():
        tenants.hold(account=account, tenant_id=draft.tenant_id)
        _one_at_a_time(account)
        if WebhookEndpoint.objects.for_account(account).count() >= MOST:
            raise LimitReached(f"webhook limit reached: an account has at most {MOST}")
        endpoint = WebhookEndpoint.objects.create(
            account=account,
            tenant_id=draft.tenant_id,
            url=draft.url,
            enabled=draft.enabled,
            event_types=draft.event_types,
            sealed_key=sealing.seal(key),
            updated_at=timezone.now(),
        )
        events.endpoint_created(endpoint=endpoint)
    return IssuedEndpoint(endpoint, key)


def change(*, account: Account, id: UUID, changes: Mapping[str, Any], actor: Actor) -> WebhookEndpoint:
    """Write what differs (names in CHANGEABLE). Raises NotFound, Invalid, TenantBusy.

    Switching it on clears why it was off; switching it off cancels what waits for it.
    """
    if unknown := changes.keys() - CHANGEABLE:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    _check(**changes)
    with transaction.atomic():
        endpoint = queries.endpoint_for(account=account, id=id, lock=True)
        for tenant_id in {endpoint.tenant_id, changes.get("tenant_id", endpoint.tenant_id)}:
            tenants.hold(account=account, tenant_id=tenant_id)
        changed = [name for name in changes if _differs(endpoint, name, changes[name])]
        if not changed:
            return endpoint
        for name in changed:
            if name == "signing_key":
                endpoint.sealed_key = sealing.seal(changes[name])
            else:
                setattr(endpoint, name, changes[name])
        if endpoint.enabled and "enabled" in changed:
            endpoint.disabled_reason = endpoint.disabled_at = None
            endpoint.exhausted = 0
        endpoint.updated_at = timezone.now()
        endpoint.save()
        if not endpoint.enabled and "enabled" in changed:
            cancel_waiting(endpoint)
        events.endpoint_updated(endpoint=endpoint, changed=changed)
    return endpoint


def delete(*, account: Account, id: UUID, actor: Actor) -> None:
    """Remove it and its log. Raises NotFound, TenantBusy."""
    with transaction.atomic():
        endpoint = queries.endpoint_for(account=account, id=id, lock=True)
        tenants.hold(account=account, tenant_id=endpoint.tenant_id)
        endpoint.delete()
        events.endpoint_deleted(account=account, tenant_id=endpoint.tenant_id, id=id)


def cancel_waiting(endpoint: WebhookEndpoint) -> None:
    """What waits for an endpoint that is off will not be sent; it stays in the log and can be sent again."""
    WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.WAITING).update(
        state=WebhookDelivery.State.CANCELLED, due_at=None, lease=None, finished_at=timezone.now()
    )


def _differs(endpoint: WebhookEndpoint, name: str, value: Any) -> bool:
    if name == "signing_key":
        return bool(sealing.unseal(endpoint.sealed_key) != value)
    return bool(getattr(endpoint, name) != value)


def _check(
    *,
    url: str | None = None,
    tenant_id: str | None = None,
    event_types: Sequence[str] = (),
    signing_key: str | None = None,
    enabled: bool = True,
) -> None:
    problems: list[FieldProblem] = []
    if tenant_id is not None and not 0 < len(tenant_id) <= 255:
        problems.append(FieldProblem("tenant_id", "must be at most 255" if tenant_id else "is required"))
    if unknown := next((each for each in event_types if each not in EventType.values), None):
        listed = ", ".join(EventType.values)
        problems.append(FieldProblem("event_types", f'has invalid value "{unknown[:64]}"; must be one of: {listed}'))
    elif len(set(event_types)) != len(event_types):
        problems.append(FieldProblem("event_types", "must not contain duplicates"))
    if signing_key is not None and (len(signing_key) > signing.LONGEST_KEY or not signing.is_key(signing_key)):
        problems.append(FieldProblem("signing_key", BAD_KEY))
    if url is not None and (reason := _bad_url(url)):
        problems.append(FieldProblem("url", reason))
    if problems:
        raise Invalid.many(problems)


def _bad_url(url: str) -> str:
    try:
        outbound.check_url(url)
    except outbound.BadAddress as error:
        return str(error)
    return ""


def _one_at_a_time(account: Account) -> None:
    """Until the transaction ends, so that two who come at once cannot both be the last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 20260302))", [f"webhooks:{account.pk}"])
