"""Typed answers: stored, corrected, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.base import ModelState
from django.utils import timezone
from msgspec import Struct

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import identities
from feedback.domain import storing, tenants
from feedback.domain.queries import records as queries
from feedback.domain.rules import erasing
from feedback.domain.semantic import upkeep
from feedback.domain.tenants import MOST_TENANTS, TenantBusy
from feedback.domain.webhooks import events
from feedback.models import FeedbackRecord
from feedbackhub.errors import Conflict
from feedbackhub.ids import uuid7

# Rows erased by one statement.
BATCH = 1000
MORE = "not all of it fits into one request: part was erased; repeat the request for the rest"
# What a sender may correct later; what was asked, by whom and when stays as it was.
CORRECTABLE = frozenset(
    {
        "value_text",
        "value_id",
        "value_number",
        "value_boolean",
        "value_date",
        "metadata",
        "language",
        "user_id",
    }
)


class MoreRemains(TenantBusy):
    """As much was erased as one call may erase, and there is more: the same call again erases that."""

    def __init__(self) -> None:
        Conflict.__init__(self, MORE)


class RecordDraft(Struct, frozen=True, kw_only=True, gc=False):
    """One answer before it is stored. Lengths and ranges are the caller's contract; the table has the last word.

    A struct rather than a dataclass, and nothing for the garbage collector, because a batch makes ten thousand of them.
    """

    contract: FeedbackRecord.Contract
    submission_id: str
    source_type: str
    field_id: str
    field_type: str
    tenant_id: str = ""
    source_id: str | None = None
    source_name: str | None = None
    field_label: str | None = None
    field_group_id: str | None = None
    field_group_label: str | None = None
    value_text: str | None = None
    value_id: str | None = None
    value_number: float | None = None
    value_scale: int | None = None
    value_boolean: bool | None = None
    value_date: datetime | None = None
    metadata: Any = None
    language: str | None = None
    user_id: str | None = None
    customer_id: int | None = None
    location_id: int | None = None
    raw: Any = None
    collected_at: datetime | None = None


# What a sender that replaces a whole record may say anew of an answer: all but whose record it is, and which answer.
_REWRITTEN = tuple(
    name
    for name in RecordDraft.__struct_fields__
    if name not in ("contract", "tenant_id", "submission_id", "field_id", "raw", "metadata")
)


def create(*, account: Account, draft: RecordDraft, actor: Actor) -> FeedbackRecord:
    """Store one answer; its person is looked up with it. Raises Conflict for a duplicate, and TenantBusy while its
    tenant is being erased."""
    record = _unsaved(account, draft, timezone.now())
    storing.store(record)
    record._state.adding = False
    return record


def create_many(*, account: Account, drafts: list[RecordDraft], actor: Actor) -> list[FeedbackRecord]:
    """Store answers whose persons are known already, with one statement; all or none."""
    now = timezone.now()
    records = [_unsaved(account, draft, now) for draft in drafts]
    return FeedbackRecord.objects.bulk_create(records)


def rewrite_many(*, rows: list[tuple[FeedbackRecord, RecordDraft]], actor: Actor) -> None:
    """Let stored answers say what new drafts of them say, with one statement; those that say it already stay as they
    are."""
    now = timezone.now()
    changed = []
    for row, draft in rows:
        values = {name: getattr(draft, name) for name in _REWRITTEN}
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = now
            changed.append(row)
    if changed:
        FeedbackRecord.objects.bulk_update(changed, [*_REWRITTEN, "updated_at"])


def correct(*, account: Account, record_id: UUID, changes: Mapping[str, Any], actor: Actor) -> FeedbackRecord:
    """Replace the values given (names in CORRECTABLE); nothing given writes nothing.

    Raises NotFound, and TenantBusy.
    """
    if unknown := changes.keys() - CORRECTABLE:
        raise ValueError(f"not correctable: {sorted(unknown)}")
    with transaction.atomic():
        record = queries.record_for(account=account, id=record_id, lock=True)
        if not changes:
            return record
        tenants.hold(account=account, tenant_id=record.tenant_id)
        written = {*changes, "updated_at"}
        changed = [name for name, value in changes.items() if getattr(record, name) != value]
        for name, value in changes.items():
            setattr(record, name, value)
        if "user_id" in changes:
            record.customer_id = identities.customer_id(
                account=account, kind=identities.kind_of(record.contract), value=record.user_id or ""
            )
            written.add("customer_id")
        record.updated_at = timezone.now()
        record.save(update_fields=written)
        if "value_text" in changed:
            upkeep.mark(record=record)
        events.record_updated(record=record, changed=changed)
    return record


def delete(*, account: Account, record_id: UUID, actor: Actor) -> None:
    """Erase one record. Raises NotFound, and TenantBusy."""
    with transaction.atomic():
        record = queries.record_for(account=account, id=record_id, lock=True)
        tenants.hold(account=account, tenant_id=record.tenant_id)
        erasing.forget(records=[record_id])
        record.delete()
        events.records_deleted(account=account, tenant_id=record.tenant_id, ids=[record_id])


def delete_of_user(*, account: Account, user_id: str, tenant_id: str | None, actor: Actor) -> int:
    """Erase what one person sent, in one tenant or in all of the account; how many records this call erased.

    Also what the log of webhooks says of it. Raises TenantBusy, with nothing erased, if one of the tenants is being
    erased itself or something of that person came in meanwhile. Raises MoreRemains when so much was erased as one call
    may, and there is more.
    """
    rows = queries.of_hub(account).filter(user_id=user_id)
    if tenant_id is not None:
        rows = rows.filter(tenant_id=tenant_id)
    deleted, left, complete = 0, tenants.MOST_AT_ONCE, True
    with transaction.atomic():
        found = list(rows.order_by("tenant_id").values_list("tenant_id", flat=True).distinct()[: MOST_TENANTS + 1])
        for tenant in found[:MOST_TENANTS]:
            tenants.hold(account=account, tenant_id=tenant)
            ids = list(rows.filter(tenant_id=tenant).order_by("pk").values_list("pk", flat=True)[: left + 1])
            complete = len(ids) <= left
            deleted += _erase_told(account, tenant, ids[:left])
            left -= len(ids[:left])
            if not complete:
                break
        remains = rows.exists()
        if remains and complete and len(found) <= MOST_TENANTS:
            # It came in meanwhile.
            raise TenantBusy
    if remains:
        raise MoreRemains
    return deleted


def _erase_told(account: Account, tenant: str, ids: list[UUID]) -> int:
    gone: list[UUID] = []
    for start in range(0, len(ids), BATCH):
        gone += tenants.erase_records(ids=ids[start : start + BATCH])
    if gone:
        events.records_deleted(account=account, tenant_id=tenant, ids=gone)
    return len(gone)


def _unsaved(account: Account, draft: RecordDraft, now: datetime) -> FeedbackRecord:
    """As the model's constructor makes it, without that: it takes as long as half of all else that a create does."""
    record = FeedbackRecord.__new__(FeedbackRecord)
    record.__dict__.update(
        {name: getattr(draft, name) for name in RecordDraft.__struct_fields__},
        _state=ModelState(),
        id=uuid7(),
        account_id=account.pk,
        collected_at=draft.collected_at or now,
        created_at=now,
        updated_at=now,
    )
    record._state.fields_cache["account"] = account
    return record
