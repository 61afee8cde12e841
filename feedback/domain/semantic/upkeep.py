"""Gives every text of the Hub contract its vector, behind the answers and in small steps.

Records are walked in the order of their ids, which is the order they were made in, so storing one costs nothing for
this; a corrected text is marked by the verb that corrects it. A step that is lost or done twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from feedback.domain.semantic import model
from feedback.models import EmbeddingWalk, FeedbackRecord, RecordEmbedding
from feedbackhub.queues import COUNTED, Lag

# Records looked at in one step of the walk, and texts embedded in one.
STEP = 2000
TEXTS = 64
# A transaction that is older than this has ended: the walk does not pass by a record that is not visible yet.
SETTLED = timedelta(seconds=60)
RUN_SECONDS = 20.0
# What a model reads of a text is less than this; a long one is not sent whole from the database.
LONGEST = 4000

_TABLE = RecordEmbedding._meta.db_table
_RECORD = FeedbackRecord._meta.db_table
# `updated_at` tells whether the text is still the one the vector was made of; the lock makes a correction wait, and
# mark it again.
_STORE = f"""
INSERT INTO {_TABLE} (record_id, account_id, tenant_id, model, vector, signs)
SELECT r.id, r.account_id, r.tenant_id, %(model)s, v.vector, v.signs::varbit
FROM unnest(%(ids)s::uuid[], %(seen)s::timestamptz[], %(vectors)s::bytea[], %(signs)s::text[])
  AS v (id, seen, vector, signs)
JOIN {_RECORD} r ON r.id = v.id AND r.updated_at = v.seen
ORDER BY r.id
FOR SHARE OF r
ON CONFLICT (record_id) DO UPDATE SET model = excluded.model, vector = excluded.vector, signs = excluded.signs
"""  # noqa: S608 - names of ours

Text = tuple[UUID, object, str]


def run() -> int:
    """Embed what waits, for RUN_SECONDS at most; how many vectors were made. 0 without a model."""
    if not model.available():
        return 0
    end, made = monotonic() + RUN_SECONDS, 0
    while monotonic() < end:
        corrected = _corrected()
        if corrected:
            made += _store(corrected)
        elif (step := _walk()) is None:
            break
        else:
            made += step
    return made


def mark(*, record: FeedbackRecord) -> None:
    """Have the text of a corrected record embedded anew; until then it is not found. In the caller's transaction."""
    RecordEmbedding.objects.filter(record=record).update(vector=None, signs=None)


def lag() -> Lag:
    """How many records the walk has before it, and how long it has stood still with some before it."""
    if not model.available():
        return Lag(0, 0.0)
    walk = EmbeddingWalk.objects.filter(model=model.name()).first()
    ahead = _ahead(walk.position if walk else None).order_by("pk")
    first = ahead.values_list("created_at", flat=True).first()
    if first is None:
        return Lag(0, 0.0)
    since = max(first, walk.moved_at) if walk else first
    return Lag(ahead[:COUNTED].count(), (timezone.now() - since).total_seconds())


def _corrected() -> list[Text]:
    waiting = RecordEmbedding.objects.filter(vector=None, record__value_text__gt="").order_by("record")[:TEXTS]
    return [
        (pk, seen, (text or "")[:LONGEST])
        for pk, seen, text in waiting.values_list("record_id", "record__updated_at", "record__value_text")
    ]


def _position() -> UUID | None:
    walk = EmbeddingWalk.objects.filter(model=model.name()).first()
    return walk.position if walk else None


def _ahead(position: UUID | None) -> QuerySet[FeedbackRecord]:
    """Records that the walk has yet to look at and may."""
    rows = FeedbackRecord.objects.filter(pk__lt=_settled())
    return rows.filter(pk__gt=position) if position else rows


def _settled() -> UUID:
    """The smallest id of the moment SETTLED ago."""
    milliseconds = int((timezone.now() - SETTLED).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def _walk() -> int | None:
    """One step; how many vectors were made, None at the end of the way."""
    known = model.name()
    EmbeddingWalk.objects.bulk_create([EmbeddingWalk(model=known)], ignore_conflicts=True)
    position = _position()
    ids = list(_ahead(position).order_by("pk").values_list("pk", flat=True)[:STEP])
    if not ids:
        return None
    rows = FeedbackRecord.objects.filter(
        pk__gte=ids[0], pk__lte=ids[-1], contract="hub", field_type="text", value_text__gt=""
    )
    texts = [
        (pk, seen, (text or "")[:LONGEST])
        for pk, seen, text in rows.order_by("pk").values_list("pk", "updated_at", "value_text")[: TEXTS + 1]
    ]
    # More texts than one step takes: it ends at the last of them.
    reached, texts = (texts[TEXTS - 1][0], texts[:TEXTS]) if len(texts) > TEXTS else (ids[-1], texts)
    made = _store(texts)
    # Two who walk at once do the same work twice; neither takes the other back.
    EmbeddingWalk.objects.filter(model=known, position=position).update(position=reached, moved_at=timezone.now())
    return made


def _store(texts: Sequence[Text]) -> int:
    if not texts:
        return 0
    vectors = model.embed([text for _, _, text in texts])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "model": model.name(),
                "ids": [pk for pk, _, _ in texts],
                "seen": [seen for _, seen, _ in texts],
                "vectors": [row.astype("<f2").tobytes() for row in vectors],
                "signs": [signs_of(row) for row in vectors],
            },
        )
        stored: int = cursor.rowcount
    return stored


def signs_of(vector: Iterable[float]) -> str:
    """A vector's bits as PostgreSQL reads them."""
    return "".join("1" if each > 0 else "0" for each in vector)
