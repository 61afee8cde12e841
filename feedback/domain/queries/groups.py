"""Which items are said to be one: the chain of duplicates, read from either end.

An item points at the one it repeats, which may point on. Nothing is rewritten when that one repeats another in turn, so
undoing it puts everything back; the end of the chain, the root, is where the work is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import F, Func, IntegerField, QuerySet, UUIDField, Value

from feedback.models import Evidence, FeedbackItem

# More are counted, not shown.
SHOWN = 100

# UNION, not UNION ALL: it ends even in a circle, which the verbs refuse to make.
_BEHIND = """WITH RECURSIVE behind AS (
    SELECT {start} AS id UNION
    SELECT d.id FROM feedback_feedbackitem d JOIN behind b ON d.duplicate_of_id = b.id)"""
_UP = """WITH RECURSIVE up AS (
    SELECT id, duplicate_of_id, 0 AS step FROM feedback_feedbackitem WHERE id = ANY(%s) UNION
    SELECT i.id, i.duplicate_of_id, up.step + 1 FROM feedback_feedbackitem i JOIN up ON i.id = up.duplicate_of_id
    WHERE up.step < 1000)"""
# Who said it, so that one who said it twice is one: by e-mail, by customer, by what a sender called them, and whoever
# is unknown is somebody else each time.
_WHO = """COALESCE(
    'e' || lower(NULLIF(c.email, '')), 'c' || i.customer_id, 'e' || lower(NULLIF(i.user_email_snapshot, '')),
    (SELECT 'u' || min(r.user_id) FROM feedback_evidence e JOIN feedback_feedbackrecord r ON r.id = e.record_id
     WHERE e.item_id = i.id AND r.user_id <> ''),
    i.id::text)"""


@dataclass(frozen=True)
class Group:
    """Everything behind a root. `members` are its duplicates and theirs, newest first, up to SHOWN of them."""

    root: FeedbackItem
    members: Sequence[FeedbackItem]
    times: int
    people: int

    @property
    def more(self) -> int:
        """Members that are not shown."""
        return self.times - 1 - len(self.members)


class _Said(Func):
    """[how many times, by how many people] of an item and all that repeat it: one subquery a row."""

    template = (
        "(" + _BEHIND.format(start="%(expressions)s") + " SELECT ARRAY[count(*), count(DISTINCT " + _WHO + ")]::int[] "
        "FROM behind JOIN feedback_feedbackitem i USING (id) LEFT JOIN crm_customer c ON c.id = i.customer_id)"
    )
    output_field = ArrayField(IntegerField())


def with_said(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Items with `said`: [times, people], themselves counted. [1, 1] for what nobody repeated."""
    said: QuerySet[Any] = rows.annotate(said=_Said(F("pk")))
    return said


def said_of(*, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """How often, and by how many people, each of these was said; one query."""
    rows: Any = with_said(FeedbackItem.objects.filter(pk__in=ids)).values_list("pk", "said")
    return {pk: (times, people) for pk, (times, people) in rows}


def group_of(*, root: FeedbackItem) -> Group:
    """What stands behind an item that is no duplicate; two queries."""
    found: Any = with_said(FeedbackItem.objects.filter(pk=root.pk)).values_list("said", flat=True).get()
    times, people = found
    members = []
    if times > 1:
        rows = FeedbackItem.objects.filter(pk__in=_Members(root.pk)).exclude(pk=root.pk)
        members = list(rows.select_related("customer", "duplicate_of").order_by("-created_at", "-pk")[:SHOWN])
    return Group(root, members, times, people)


class _Members(Func):
    """The ids of an item and all that repeat it."""

    template = "(" + _BEHIND.format(start="%(expressions)s::uuid") + " SELECT id FROM behind)"  # noqa: S608

    def __init__(self, id: UUID) -> None:
        super().__init__(Value(id, output_field=UUIDField()), output_field=UUIDField())


def evidence_behind(*, root: FeedbackItem) -> list[Evidence]:
    """The typed answers behind an item and its duplicates, oldest first."""
    rows = Evidence.objects.filter(item__in=_Members(root.pk)).select_related("record", "record__location")
    return list(rows.order_by("record__collected_at", "pk"))


def roots_of(*, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Each item's root, its own id if it repeats nothing; one query. An id without a row has none."""
    with connection.cursor() as cursor:
        cursor.execute(_UP + " SELECT DISTINCT id, duplicate_of_id FROM up", [list(ids)])  # noqa: S608
        above = dict(cursor.fetchall())
    return {id: _end(id, above) for id in ids if id in above}


def root_of(*, item: FeedbackItem) -> UUID:
    return roots_of(ids=[item.pk])[item.pk] if item.duplicate_of_id else item.pk


def _end(id: UUID, above: dict[UUID, UUID | None]) -> UUID:
    seen = {id}
    while (step := above.get(id)) is not None and step not in seen:
        seen.add(step)
        id = step
    return id
