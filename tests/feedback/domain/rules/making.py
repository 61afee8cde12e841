"""Rules and sittings for tests."""

from __future__ import annotations

from typing import Any

from accounts.domain import actors
from accounts.models import Account
from feedback.domain import records
from feedback.domain.records import RecordDraft
from feedback.domain.rules import editing
from feedback.domain.rules.sittings import Sitting
from feedback.models import FeedbackRecord, TriageRule

BY = actors.SYSTEM


def rule_of(account: Account, signal: str = "record", **fields: Any) -> TriageRule:
    return editing.create(account=account, actor=BY, **{"name": "A rule", "signal": signal, **fields})


def record(contract: str = "hub", field_type: str = "nps", **values: Any) -> FeedbackRecord:
    """One that is not stored."""
    return FeedbackRecord(contract=contract, field_type=field_type, **{"submission_id": "s1", **values})


def sitting(*rows: FeedbackRecord, account: Account | None = None, **values: Any) -> Sitting:
    contract = rows[0].contract if rows else "review"
    return Sitting(account or Account(name="Nobody's"), contract, values.pop("tenant_id", ""), "s1", rows, **values)


def store(account: Account, field_type: str = "nps", submission: str = "s1", **values: Any) -> FeedbackRecord:
    """A record as the Hub contract stores it."""
    draft = RecordDraft(
        contract=values.pop("contract", FeedbackRecord.Contract.HUB),
        submission_id=submission,
        source_type=values.pop("source_type", "survey"),
        field_id=values.pop("field_id", field_type),
        field_type=field_type,
        **values,
    )
    return records.create(account=account, draft=draft, actor=BY)
