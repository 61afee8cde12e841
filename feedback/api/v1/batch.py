"""A batch of answers: from the body's items to drafts, and from what became of them to results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from feedback.api.v1.shapes import BatchResult, InvalidParam, ItemProblem, ItemResult, NewRecord
from feedback.domain.batches import Stored
from feedback.domain.records import RecordDraft
from feedback.domain.tenants import MOST_TENANTS
from feedback.models import FeedbackRecord
from feedbackhub.api import items
from feedbackhub.api.contract import MEBIBYTE
from feedbackhub.api.errors import ApiError, translate
from feedbackhub.api.own.errors import named
from feedbackhub.api.times import EARLIEST, LATEST
from feedbackhub.errors import HubError, Invalid
from feedbackhub.ids import uuid7

MOST_ITEMS = 10_000
LARGEST_BODY = 16 * MEBIBYTE
Items = Annotated[list[NewRecord], Meta(min_length=1, max_length=MOST_ITEMS)]
LINES: dict[str, Any] = {items.NDJSON[0]: {"type": "string", "description": "A NewRecord a line."}}
DESCRIPTION = f"""An array, or an object a line as `{items.NDJSON[0]}`; up to {MOST_ITEMS} items and 16 MiB,
of up to {MOST_TENANTS} tenants.

Each item is read and judged by itself: the bad are `invalid` with the reason, those whose tenant_id, submission_id and
field_id are stored already, or come earlier in the batch, are `duplicate`, and the rest is `created`, all of it or, if
the call fails, none. Send it again then, or with an `Idempotency-Key` whenever in doubt."""


@dataclass(slots=True)
class Read:
    """The good items as drafts, the bad ones as what is wrong with them, by the item's index."""

    total: int
    drafts: list[RecordDraft] = field(default_factory=list)
    problems: dict[int, ItemProblem] = field(default_factory=dict)


def read(raw_items: Sequence[bytes]) -> Read:
    found = Read(len(raw_items))
    for index, raw in enumerate(raw_items):
        try:
            found.drafts.append(draft_of(items.read(raw, NewRecord)))
        except (HubError, ApiError) as error:
            found.problems[index] = _problem(error)
    return found


def draft_of(item: NewRecord) -> RecordDraft:
    """Raises Invalid for what the shape alone cannot tell."""
    tenant = item.tenant_id.strip() if item.tenant_id else ""
    if item.tenant_id and not tenant:
        raise Invalid("must not be blank", field="tenant_id")
    return RecordDraft(
        contract=FeedbackRecord.Contract.HUB,
        tenant_id=tenant,
        submission_id=item.submission_id or str(uuid7()),
        source_type=item.source_type,
        source_id=item.source_id,
        source_name=item.source_name,
        field_id=item.field_id,
        field_type=item.field_type,
        field_label=item.field_label,
        field_group_id=item.field_group_id,
        field_group_label=item.field_group_label,
        value_text=item.value_text,
        value_id=item.value_id,
        value_number=item.value_number,
        value_scale=item.value_scale,
        value_boolean=item.value_boolean,
        value_date=_within_years(item.value_date, "value_date"),
        metadata=item.metadata,
        language=item.language,
        user_id=item.user_id,
        collected_at=_within_years(item.collected_at, "collected_at"),
    )


def _within_years(moment: datetime | None, name: str) -> datetime | None:
    if moment is not None and not EARLIEST <= moment < LATEST:
        raise Invalid("must lie between 1970-01-01 and 2080-12-31", field=name)
    return moment


def _problem(error: Exception) -> ItemProblem:
    known = translate(error)
    return ItemProblem(known.kind, known.message, [InvalidParam(**each) for each in named(known.problems)])


def rendered(found: Read, stored: Sequence[Stored]) -> BatchResult:
    outcomes = iter(stored)
    results = []
    for index in range(found.total):
        if problem := found.problems.get(index):
            results.append(ItemResult(index, "invalid", problem=problem))
        else:
            outcome = next(outcomes)
            results.append(ItemResult(index, "created" if outcome.created else "duplicate", outcome.id))
    many = Counter(result.status for result in results)
    return BatchResult(many["created"], many["duplicate"], many["invalid"], results)
