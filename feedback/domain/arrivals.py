"""What comes in and repeats something that was merged before joins it by itself.

Only what is sure: a group that somebody made and whose root still wants work, takes what is alike, and is the only one
that fits. And then only the same evidence; or the same words, if there are enough of them or they come from the same
person or place; or nearly the same words from the same place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Left, Length

from accounts.domain import actors
from feedback.domain import duplicates
from feedback.domain.alike import Said, nearly, percent, same_words
from feedback.domain.queries import groups
from feedback.domain.queries.suggestions import SENT, said_in, saying_the_same
from feedback.models import Evidence, FeedbackItem
from feedbackhub.errors import HubError

# Fewer letters say too little: "It broke" is said about everything.
ENOUGH = 15
NEARLY = 0.95
# How many of what was said before is looked at; what is newer is likelier to be in a group.
SAME_WORDS, NEARLY_THE_SAME = 20, 200


@dataclass(frozen=True)
class _Reason:
    id: UUID
    why: str


def join(*, item: FeedbackItem) -> FeedbackItem | None:
    """Attach a new item to the one whose words it repeats; the root, or None. Call it where the item was made.

    The caller's object stays as the item was at its birth. Nothing that goes wrong here may cost an item: it stays new.
    """
    if not _anything_repeated(item.account_id):
        return None
    found = _reasons(item)
    roots = groups.roots_of(ids=[each.id for each in found])
    wanted = set(roots.values())
    if len(wanted) != 1:
        return None
    root = FeedbackItem.objects.for_account(item.account_id).filter(pk=wanted.pop()).first()
    if root is None or not root.takes_alike or root.closed_at is not None:
        return None
    try:
        with transaction.atomic():
            made = FeedbackItem.objects.get(pk=item.pk)
            return duplicates.merge(item=made, into=root, actor=actors.SYSTEM, why=found[0].why)
    except (HubError, OperationalError):
        # Also when somebody who merges many holds the account's lock for longer than we wait.
        return None


def _anything_repeated(account_id: int) -> bool:
    """In most accounts nothing is, and a new item is not made to wait for more than this look."""
    return FeedbackItem.objects.for_account(account_id).filter(duplicate_of__isnull=False).exists()


def _reasons(item: FeedbackItem) -> list[_Reason]:
    """Members of groups that say what the new item says, the surest reason first."""
    if not said_in(item).text:
        return _same_evidence(item)
    return [*_same_evidence(item), *_same_words(item)] or _nearly_the_same(item)


def _same_evidence(item: FeedbackItem) -> list[_Reason]:
    records = Evidence.objects.filter(item=item).values("record")
    rows = Evidence.objects.filter(record__in=records, item__account=item.account_id).exclude(item=item)
    ids = rows.order_by("-pk").values_list("item", flat=True)[:SAME_WORDS]
    return [_Reason(id, "The same answer stands behind both.") for id in _in_groups(ids)]


def _same_words(item: FeedbackItem) -> list[_Reason]:
    rows = FeedbackItem.objects.for_account(item.account_id).exclude(pk=item.pk)
    same = [
        other
        for other in saying_the_same(rows=rows, item=item)[:SAME_WORDS]
        if same_words(item.message, other.message) and (_says_enough(item) or _from_the_same(item, other))
    ]
    return [_Reason(id, "It says the same, word for word.") for id in _in_groups([other.pk for other in same])]


def _nearly_the_same(item: FeedbackItem) -> list[_Reason]:
    said = said_in(item)
    if not (item.route or item.area) or len(said.text) < ENOUGH:
        return []
    repeated = FeedbackItem.objects.for_account(item.account_id).filter(duplicate_of__isnull=False).exclude(pk=item.pk)
    newest = repeated.order_by("-created_at").values("pk", "duplicate_of")[:NEARLY_THE_SAME]
    either: Any = [id for row in newest for id in (row["pk"], row["duplicate_of"])]
    found = []
    for id, other in _near(item, either):
        if (share := nearly(said, other)) >= NEARLY:
            found.append(_Reason(id, f"It is {percent(share)} % alike and comes from the same place."))
    return found


def _near(item: FeedbackItem, ids: Iterable[UUID]) -> Iterable[tuple[UUID, Said]]:
    """Those of about the same length that were said in the same place."""
    here = Q()
    for name in ("route", "area"):
        if value := getattr(item, name):
            here |= Q(**{name: value})
    long = len(item.message)
    rows: Any = FeedbackItem.objects.filter(here, pk__in=list(ids))
    rows = rows.annotate(length=Length("message"), head=Left("message", SENT))
    rows = rows.filter(length__range=(int(long * 0.8) - 5, int(long * 1.25) + 5))
    for id, *rest in rows.values_list("pk", "head", "route", "area", "client_version"):
        yield id, Said(*rest)


def _says_enough(item: FeedbackItem) -> bool:
    return len(said_in(item).text) >= ENOUGH


def _from_the_same(item: FeedbackItem, other: FeedbackItem) -> bool:
    """The same person, route or area."""
    names = ("customer_id", "submitted_by_id", "user_email_snapshot", "route", "area")
    return any(getattr(item, name) and getattr(item, name) == getattr(other, name) for name in names)


def _in_groups(ids: Iterable[UUID]) -> list[UUID]:
    """Those that repeat something, or are repeated."""
    ids = list(ids)
    if not ids:
        return []
    rows = FeedbackItem.objects.filter(pk__in=ids).filter(Q(duplicate_of__isnull=False) | Q(duplicates__isnull=False))
    grouped = set(rows.values_list("pk", flat=True))
    return [id for id in ids if id in grouped]
