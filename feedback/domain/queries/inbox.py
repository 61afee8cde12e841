"""What the inbox shows: its tabs, how many wait in each, and what stands behind an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from feedback.models import FeedbackItem, ItemNote

Status = FeedbackItem.Status

# A tab that holds more says "999+".
TAB_CAP = 999


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    statuses: tuple[str, ...]
    # Only items assigned to the reader.
    mine: bool = False


TABS = (
    Tab("new", "New", (Status.NEW,)),
    Tab("mine", "Mine", (Status.NEW, Status.REVIEWED, Status.PLANNED, Status.IN_PROGRESS), mine=True),
    Tab("planned", "Planned", (Status.PLANNED,)),
    Tab("progress", "In progress", (Status.IN_PROGRESS,)),
    Tab("done", "Done", (Status.SHIPPED, Status.CLOSED, Status.IGNORED)),
    Tab("spam", "Spam", (Status.SPAM,)),
    # Behind the six that work goes through.
    Tab("reviewed", "Reviewed", (Status.REVIEWED,)),
    Tab("all", "All", tuple(Status.values)),
)
BY_KEY = {tab.key: tab for tab in TABS}


def under(*, tab: Tab, items: QuerySet[Any], reader: User) -> QuerySet[Any]:
    """The items of a tab; in those of work no duplicates, which are worked on in what they repeat."""
    if tab.key not in ("done", "spam", "all"):
        items = items.filter(duplicate_of=None)
    if tab.key != "all":
        items = items.filter(status__in=tab.statuses)
    return items.filter(assignee=reader) if tab.mine else items


def pressing(*, items: QuerySet[Any], overdue: bool) -> QuerySet[Any]:
    """Items with a clock that was not stopped; `overdue`: only those whose time has run out."""
    if overdue:
        return items.filter(sla_due_at__lt=timezone.now())
    return items.filter(sla_due_at__isnull=False)


def count(*, tab: Tab, items: QuerySet[Any], reader: User) -> int:
    """How many, up to one more than TAB_CAP: nobody waits for an exact million."""
    return under(tab=tab, items=items, reader=reader).order_by()[: TAB_CAP + 1].count()


class _Counted(Subquery):
    """How many rows a sliced queryset has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


def counts(*, items: QuerySet[Any], reader: User) -> dict[str, int]:
    """Every tab's number, in one query."""
    return counted({tab.key: under(tab=tab, items=items, reader=reader) for tab in TABS if tab.key != "all"})


def counted(lists: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many each of several lists holds, up to one more than TAB_CAP, in one query."""
    capped = [_Counted(rows.order_by().values("pk")[: TAB_CAP + 1]) for rows in lists.values()]
    # Some table must stand in FROM; one row of it.
    numbers: Any = User.objects.order_by("pk").values_list(*capped)[:1].get()
    # What can hold nothing at all is counted by no subquery.
    return {key: number or 0 for key, number in zip(lists, numbers, strict=True)}


def told(number: int) -> str:
    """A tab's number as text; nothing for nothing."""
    return f"{TAB_CAP}+" if number > TAB_CAP else str(number or "")


def notes_of(*, item: FeedbackItem) -> list[ItemNote]:
    return list(ItemNote.objects.filter(item=item).order_by("created_at", "pk"))


def candidates(*, item: FeedbackItem, words: str, limit: int = 20) -> list[FeedbackItem]:
    """Items of the same account that this one may be a duplicate of: by words, else the same customer's or latest."""
    others = FeedbackItem.objects.for_account(item.account_id).exclude(pk=item.pk)
    if words:
        others = others.filter(message__icontains=words)
    return list(others.select_related("customer").order_by("-created_at", "-pk")[:limit])
