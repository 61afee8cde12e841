"""Answers that mean the same as a text or as another answer, the most alike first.

PostgreSQL compares the signs of all vectors of the tenant, 48 bytes each, and hands over the NEAREST; those are
compared exactly. Up to that many texts in a tenant nothing is missed; beyond it what is missed is far down the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Account
from feedback.domain.queries import records
from feedback.domain.semantic import model
from feedback.domain.semantic.upkeep import signs_of
from feedback.models import FeedbackRecord, RecordEmbedding
from feedbackhub.errors import NotFound

NEAREST = 2000
# A score has as many digits as a half-precision vector can tell apart.
DIGITS = 4

_TABLE = RecordEmbedding._meta.db_table
# The vectors are fetched after the sort, which stays in memory without them.
_NEAREST = f"""
SELECT e.record_id, e.vector FROM {_TABLE} e JOIN (
  SELECT record_id FROM {_TABLE}
  WHERE account_id = %(account)s AND tenant_id = %(tenant)s AND model = %(model)s AND vector IS NOT NULL
    AND record_id IS DISTINCT FROM %(but)s
  ORDER BY bit_count((signs # %(signs)s::varbit)::bit({{dimensions}})), record_id LIMIT {NEAREST}
) nearest USING (record_id)
"""  # noqa: S608 - names and numbers of ours


@dataclass(frozen=True, slots=True)
class Match:
    record: FeedbackRecord
    # How alike, 1 at most.
    score: float


@dataclass(frozen=True, slots=True)
class Place:
    """Right after this match: `distance` is 1 - score."""

    distance: float
    id: UUID


def distance(score: float) -> float:
    return round(1 - score, DIGITS)


def by_meaning(
    *, account: Account, tenant_id: str, words: str, at_least: float, limit: int, after: Place | None = None
) -> list[Match]:
    """The tenant's answers that mean what the words do. Raises LookupError without a model."""
    (vector,) = model.embed([words])
    return _page(account, tenant_id, vector, None, at_least, limit, after)


def like(*, account: Account, record_id: UUID, at_least: float, limit: int, after: Place | None = None) -> list[Match]:
    """Answers of the same tenant that mean what this one does. Raises NotFound, also while it has no vector."""
    import numpy as np

    record = records.record_for(account=account, id=record_id)
    of_this = RecordEmbedding.objects.for_account(account).filter(record=record, model=model.name())
    stored = of_this.exclude(vector=None).values_list("vector", flat=True).first()
    if stored is None:
        raise NotFound("embedding not found for this feedback record", details={"resource_type": "embedding"})
    vector = np.frombuffer(stored, dtype="<f2").astype(np.float32)
    return _page(account, record.tenant_id, vector, record.pk, at_least, limit, after)


def _page(
    account: Account, tenant_id: str, vector: Any, but: UUID | None, at_least: float, limit: int, after: Place | None
) -> list[Match]:
    scored = [
        (score, pk)
        for score, pk in _scored(account, tenant_id, vector, but)
        if score >= at_least and (after is None or (distance(score), pk) > (after.distance, after.id))
    ]
    scored.sort(key=lambda each: (-each[0], each[1]))
    shown = scored[:limit]
    rows = records.of_hub(account).in_bulk([pk for _, pk in shown])
    # One that was erased meanwhile is not shown.
    return [Match(rows[pk], score) for score, pk in shown if pk in rows]


def _scored(account: Account, tenant_id: str, vector: Any, but: UUID | None) -> list[tuple[float, UUID]]:
    import numpy as np

    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST.format(dimensions=len(vector)),
            {
                "account": account.pk,
                "tenant": tenant_id,
                "model": model.name(),
                "but": but,
                "signs": signs_of(vector),
            },
        )
        found = cursor.fetchall()
    if not found:
        return []
    vectors = np.frombuffer(b"".join(bytes(each) for _, each in found), dtype="<f2").reshape(len(found), len(vector))
    scores = (vectors.astype(np.float32) @ vector).round(DIGITS).tolist()
    return [(min(score, 1.0), pk) for score, (pk, _) in zip(scores, found, strict=True)]
