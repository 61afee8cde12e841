"""Registered sources and the records they deliver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import identities
from crm.models import Customer
from feedback.domain import fan_out, records
from feedback.domain.queries import sources as queries
from feedback.models import FeedbackRecord, Source, SourceRecord
from feedbackhub.errors import Conflict

ONCE = "source_record_external_id_once"
# What the typed answers of a record are made from.
ANSWERED = {"fields", "customer", "display_ts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecordDraft:
    """`fields` are objects of category, type, name and value, checked by the caller's contract, kept verbatim."""

    fields: list[dict[str, Any]]
    customer: Customer | None = None
    external_id: str | None = None
    display_ts: datetime | None = None


def create(*, account: Account, name: str, type: str = "api", actor: Actor) -> Source:
    """Register a source; two may share a name."""
    with actors.acting(actor):
        return Source.objects.create(account=account, name=name, type=type)


def add_record(*, account: Account, source: Source, draft: SourceRecordDraft, actor: Actor) -> SourceRecord:
    """Store a record and its typed answers, together. Raises Conflict (details: id) if its external id is there."""
    record = SourceRecord(
        account=account,
        source=source,
        customer=draft.customer,
        external_id=draft.external_id,
        display_ts=draft.display_ts or timezone.now(),
        fields=draft.fields,
    )
    _save(record, actor, force_insert=True)
    return record


def change_record(
    *, account: Account, source: Source, record_id: int, changes: Mapping[str, Any], actor: Actor
) -> SourceRecord:
    """Change any of customer, external_id, display_ts and (whole) fields; the typed answers follow. Raises NotFound,
    and Conflict (details: id) for an external id that another record of the source has."""
    with transaction.atomic():
        record = queries.record_for(account=account, source=source, id=record_id, lock=True)
        for name, value in changes.items():
            setattr(record, name, value)
        if changes:
            _save(record, actor, update_fields=[*changes])
    return record


def _save(record: SourceRecord, actor: Actor, **how: Any) -> None:
    """The constraint is the guard, not a look before: fifty at once make one record and forty-nine conflicts."""
    try:
        with transaction.atomic():
            record.save(**how)
            _answer(record, actor, changed=how.get("update_fields"))
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
        taken = SourceRecord.objects.filter(source=record.source, external_id=record.external_id)
        raise Conflict(
            "This source has a record with this external_id already.",
            field="external_id",
            details={"id": taken.values_list("pk", flat=True).first()},
        ) from error


def _answer(record: SourceRecord, actor: Actor, changed: list[str] | None) -> None:
    """Let the typed answers say what the record says. One that stays keeps its row, and what hangs on it."""
    if changed is not None and not ANSWERED & set(changed):
        return
    wanted = {draft.field_id: draft for draft in fan_out.drafts(record, customer_id=_customer_id(record))}
    there = {} if changed is None else {row.field_id: row for row in _answers(record)}
    if gone := [row.pk for field_id, row in there.items() if field_id not in wanted]:
        _answers(record).filter(pk__in=gone).delete()
    if stay := [(row, wanted[field_id]) for field_id, row in there.items() if field_id in wanted]:
        records.rewrite_many(rows=stay, actor=actor)
    if new := [draft for field_id, draft in wanted.items() if field_id not in there]:
        records.create_many(account=record.account, drafts=new, actor=actor)


def _customer_id(record: SourceRecord) -> int | None:
    """Whose record it is: the person the sender points at, else the customer its own fields name."""
    if record.customer_id is not None:
        return record.customer_id
    value = fan_out.named_person(record)
    if value is None:
        return None
    kind = identities.kind_of(FeedbackRecord.Contract.BUILDBETTER)
    return identities.customer_id(account=record.account, kind=kind, value=value)


def _answers(record: SourceRecord) -> Any:
    return FeedbackRecord.objects.for_account(record.account_id).filter(
        contract=FeedbackRecord.Contract.BUILDBETTER, tenant_id="", submission_id=str(record.pk)
    )
