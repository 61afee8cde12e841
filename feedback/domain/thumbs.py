"""Thumbs on replies that an AI gave: logged, changed, erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import identities
from feedback.domain.queries import thumbs as queries
from feedback.domain.rules import erasing, queue
from feedback.models import FeedbackRecord
from feedbackhub.ids import uuid7

CONTRACT = FeedbackRecord.Contract.INKEEP
ONCE = "record_once"
KIND = identities.kind_of(CONTRACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbDraft:
    """`sent` holds the optional members exactly as they were sent; a member that is absent there stays as it is.

    `sure`: the sender knows who its users are, so an id and an address that it names together are the same person's.
    A key in a web page is not: anybody can call with it.
    """

    id: str | None = None
    positive: bool
    message_id: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    text: str | None = None
    user_id: str | None = None
    user_email: str = ""
    sure: bool = False
    sent: Mapping[str, Any] = field(default_factory=dict)


def log(*, account: Account, draft: ThumbDraft, actor: Actor) -> FeedbackRecord:
    """Store a thumb, or change the one of this id; the id counts within the account only."""
    if draft.id is None:
        return _insert(account, draft, str(uuid7()))
    try:
        # The insert first: fifty posts of one id at once make one row and forty-nine changes of it.
        with transaction.atomic():
            return _insert(account, draft, draft.id)
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
    return _change(account, draft, draft.id)


def delete(*, account: Account, id: str, actor: Actor) -> None:
    """Erase a thumb. Raises NotFound."""
    with transaction.atomic():
        thumb = queries.thumb_for(account=account, id=id)
        erasing.forget(records=[thumb.pk])
        thumb.delete()


def _insert(account: Account, draft: ThumbDraft, id: str) -> FeedbackRecord:
    now = timezone.now()
    record = FeedbackRecord(
        account=account,
        contract=CONTRACT,
        submission_id=id,
        source_type="ai_reply",
        field_id="thumb",
        field_type=FeedbackRecord.FieldType.BOOLEAN,
        raw=dict(draft.sent),
        collected_at=draft.created_at or now,
        created_at=now,
    )
    _apply(record, account, draft)
    record.updated_at = draft.updated_at or now
    record.save(force_insert=True)
    return record


def _change(account: Account, draft: ThumbDraft, id: str) -> FeedbackRecord:
    with transaction.atomic():
        record = queries.thumb_for(account=account, id=id, lock=True)
        record.raw = {**(record.raw or {}), **draft.sent}
        record.collected_at = draft.created_at or record.collected_at
        _apply(record, account, draft)
        record.updated_at = draft.updated_at or timezone.now()
        record.save()
        # The words often come after the thumb.
        queue.ask_again(record=record)
    return record


def _apply(record: FeedbackRecord, account: Account, draft: ThumbDraft) -> None:
    record.value_boolean = draft.positive
    record.source_id = draft.message_id
    if "reasons" in draft.sent or "details" in draft.sent:
        record.value_text = draft.text
    if "userProperties" in draft.sent:
        record.user_id = draft.user_id
        record.customer_id = identities.customer_id(
            account=account, kind=KIND, value=draft.user_id or "", email=draft.user_email
        )
        if draft.sure and draft.user_id and draft.user_email and record.customer_id is not None:
            identities.remember(account=account, customer_id=record.customer_id, kind=KIND, value=draft.user_id)
