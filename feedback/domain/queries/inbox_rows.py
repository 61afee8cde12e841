"""What a row of the inbox says besides the item's own columns, a query a thing for the whole page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from feedback.domain.queries import groups, labels, telling
from feedback.models import Band, Evidence, FeedbackItem, FeedbackRecord, ItemLabel, ItemNote, Label

Type = FeedbackItem.Type
Field = FeedbackRecord.FieldType
SCORES = (Field.NPS, Field.CSAT, Field.CES, Field.RATING, Field.BOOLEAN)

# What may stand in a row besides the words; the page draws them in this order.
COLUMNS = (
    ("type", "Type"),
    ("status", "Status"),
    ("score", "Score"),
    ("labels", "Labels"),
    ("clock", "Service target"),
    ("person", "Person"),
    ("location", "Location"),
    ("channel", "Channel"),
    ("area", "Area"),
    ("assignee", "Assignee"),
    ("notes", "Notes"),
    ("duplicates", "Duplicates"),
    ("age", "Age"),
)
ALL_COLUMNS = tuple(key for key, _ in COLUMNS)

# Where no score says how somebody felt, the kind of thing they said does.
MOOD_OF_TYPE = {
    Band.GOOD: (Type.PRAISE,),
    Band.BAD: (Type.BUG, Type.COMPLAINT, Type.CONFUSING),
    Band.NEUTRAL: (Type.FEATURE_REQUEST, Type.MISSING_CAPABILITY, Type.OTHER),
}


@dataclass(frozen=True)
class RowFacts:
    """`score` is the worst of the answers behind the item, in words; `times` and `people` how often and by how many it
    was said, duplicates included."""

    labels: list[Label] = field(default_factory=list)
    notes: int = 0
    times: int = 1
    people: int = 1
    score: str = ""


def facts_of(*, items: Sequence[FeedbackItem], columns: Collection[str] = ALL_COLUMNS) -> dict[UUID, RowFacts]:
    """Only what is shown is asked for, except labels: the keys need them."""
    ids = [item.pk for item in items]
    on = labels.of_items(ids=ids)
    notes = _counted(ItemNote.objects.filter(item__in=ids), "item") if "notes" in columns else {}
    said = groups.said_of(ids=ids) if "duplicates" in columns else {}
    scores = _scores(ids) if "score" in columns else {}
    return {id: RowFacts(on.get(id, []), notes.get(id, 0), *said.get(id, (1, 1)), scores.get(id, "")) for id in ids}


def _counted(rows: QuerySet[Any], of: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(of).annotate(n=Count("pk")))


def _scores(ids: list[UUID]) -> dict[UUID, str]:
    rows = Evidence.objects.filter(item__in=ids, record__field_type__in=SCORES).select_related("record")
    worst: dict[UUID, tuple[float, str]] = {}
    for row in rows.order_by("pk"):
        share = _share(row.record)
        if share is not None and (row.item_id not in worst or share < worst[row.item_id][0]):
            worst[row.item_id] = (share, telling.score(row.record))
    return {id: said for id, (_, said) in worst.items()}


def _share(record: FeedbackRecord) -> float | None:
    """From 0 to 1, to compare scores of different scales."""
    if record.value_boolean is not None:
        return float(record.value_boolean)
    if record.value_number is None:
        return None
    return record.value_number / (record.value_scale or telling.TOPS.get(Field(record.field_type)) or telling.STARS)


# --- Filters ---


def with_label(*, items: QuerySet[Any], label: int | None) -> QuerySet[Any]:
    """Those that have the label; None: those that have none."""
    on = ItemLabel.objects.filter(item=OuterRef("pk"))
    return items.filter(~Exists(on)) if label is None else items.filter(Exists(on.filter(label=label)))


def of_mood(*, items: QuerySet[Any], band: Band) -> QuerySet[Any]:
    """By the score where there is one, else by the type."""
    return items.filter(Q(score_band=band) | Q(score_band=None, type__in=MOOD_OF_TYPE[band]))


def recent_areas(*, items: QuerySet[Any], among: int = 2000, limit: int = 100) -> list[str]:
    """The areas of the latest items, for a menu: nobody reads through half a million items for one."""
    latest = items.order_by("-created_at", "-id").values("pk")[:among]
    rows = FeedbackItem.objects.filter(pk__in=latest, area__isnull=False).order_by("area")
    return [area for area in rows.values_list("area", flat=True).distinct()[:limit] if area]
