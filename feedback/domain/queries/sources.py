"""Reads of sources and their records."""

from __future__ import annotations

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models import Source, SourceRecord
from feedbackhub.errors import NotFound


def source_for(*, account: Account, id: int) -> Source:
    """One source. Raises NotFound, for another account's as well."""
    source = Source.objects.for_account(account).numbered(id).first()
    if source is None:
        raise NotFound("Feedback source not found.", details={"resource": "feedback_source"})
    return source


def record_for(*, account: Account, source: Source, id: int, lock: bool = False) -> SourceRecord:
    """One record of a source. Raises NotFound."""
    rows = records(account=account, source=source)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    record = rows.numbered(id).first()
    if record is None:
        raise NotFound("Feedback record not found.", details={"resource": "record"})
    return record


def sources(*, account: Account) -> TenantQuerySet[Source]:
    """Newest first."""
    return Source.objects.for_account(account).order_by("-pk")


def records(*, account: Account, source: Source) -> TenantQuerySet[SourceRecord]:
    """Newest first."""
    rows = SourceRecord.objects.for_account(account).filter(source=source)
    return rows.select_related("source", "account").order_by("-display_ts", "-pk")
