"""Items that another one may repeat, the likeliest first, each with why.

Three looks by index find who to compare: the newest items of the account, open ones that share its rarest words, and
those that say the same word for word. That is some hundred messages however many items there are; alike.py then
compares them in memory. Trigrams were measured and are slower by two orders: docs/adr, “Duplicates point”.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Left

from accounts.models import Account
from feedback.domain.alike import READ, Likeness, Said, likeness, percent
from feedback.models import FeedbackItem, NotAlike
from feedback.models.item import words_key, words_vector

AT_MOST = 5
# Of the words alone: the same place makes two things that differ no likelier to be one.
THRESHOLD = 0.5
# How many of an account's newest items are compared with one that somebody looks at.
NEWEST = 500
# A word is rare if no more of the newest hold it; so many of them are looked for among all open items.
RARE, RARE_WORDS = NEWEST // 50, 6
FOUND_BY_WORDS = 200
# A page of pairs compares this many open items of an account with each other.
PAIRED = 600
# In more of them a word joins no pair: it would be half of them.
COMMON = 40
MOST_PAIRS = 200

# One sign more than is read tells that there is more.
SENT = READ + 1


@dataclass(frozen=True)
class Suggestion:
    item: FeedbackItem
    likeness: Likeness

    @property
    def percent(self) -> int:
        return percent(self.likeness.score)


@dataclass(frozen=True)
class Pair:
    """Two open items that look alike; `earlier` came first."""

    earlier: FeedbackItem
    later: FeedbackItem
    likeness: Likeness

    @property
    def percent(self) -> int:
        return percent(self.likeness.score)

    @property
    def both(self) -> tuple[FeedbackItem, FeedbackItem]:
        return self.earlier, self.later


def like(*, item: FeedbackItem) -> list[Suggestion]:
    """Up to AT_MOST items of the account that this one looks like and nobody said it is not; none for a duplicate."""
    said = said_in(item)
    if item.duplicate_of_id or not said.text:
        return []
    others = _compared(item, said)
    for id in _dismissed(item):
        others.pop(id, None)
    scored = [(likeness(said, other), id) for id, other in others.items()]
    best = sorted(((found.score, str(id), id, found) for found, id in scored if found.text >= THRESHOLD), reverse=True)
    best = best[:AT_MOST]
    rows = _shown(id for _, _, id, _ in best)
    return [Suggestion(rows[id], found) for _, _, id, found in best if id in rows]


def pairs(*, account: Account) -> list[Pair]:
    """Pairs of the account's newest open items that look alike, the likeliest first, told-apart ones left out."""
    rows = _roots(account).filter(closed_at=None).order_by("-created_at", "-pk")[:PAIRED]
    said = _read(rows)
    told = _told_apart(account)
    found = [
        (likeness(said[one], said[other]), one, other)
        for one, other in _sharing(said)
        if (min(one, other), max(one, other)) not in told
    ]
    found = [each for each in found if each[0].text >= THRESHOLD]
    found.sort(key=lambda each: (-each[0].score, str(each[1]), str(each[2])))
    shown = _shown({id for _, *ids in found[:MOST_PAIRS] for id in ids})
    made = []
    for found_likeness, *ids in found[:MOST_PAIRS]:
        if all(id in shown for id in ids):
            earlier, later = sorted((shown[id] for id in ids), key=lambda item: (item.created_at, item.pk))
            made.append(Pair(earlier, later, found_likeness))
    return made


def dismissed(*, item: FeedbackItem) -> list[NotAlike]:
    """The pairs that somebody said are different things, the latest first."""
    rows = NotAlike.objects.filter(Q(first=item) | Q(second=item)).select_related("first", "second")
    return list(rows.order_by("-created_at", "-pk")[:50])


def saying_the_same(*, rows: QuerySet[Any], item: FeedbackItem) -> QuerySet[Any]:
    """Those with the item's words, newest first, as far as the database can tell; alike.same_words is exact."""
    key = FeedbackItem.objects.filter(pk=item.pk).annotate(key=words_key()).values("key")[:1]
    same: QuerySet[Any] = rows.annotate(key=words_key()).filter(key=Subquery(key)).order_by("-created_at")
    return same


def said_in(item: FeedbackItem) -> Said:
    return Said(item.message[:SENT], item.route, item.area, item.client_version)


def _roots(account: Account | int) -> Any:
    """Items that may be worked on: no duplicates, no spam."""
    return FeedbackItem.objects.for_account(account).filter(duplicate_of=None).exclude(status="spam")


def _compared(item: FeedbackItem, said: Said) -> dict[UUID, Said]:
    others = _roots(item.account_id).exclude(pk=item.pk)
    newest = _read(others.order_by("-created_at", "-pk")[:NEWEST])
    same = saying_the_same(rows=others, item=item)[:AT_MOST]
    return newest | _by_words(item, others, _rare(said, newest.values())) | _read(same)


def _by_words(item: FeedbackItem, others: Any, words: Sequence[str]) -> dict[UUID, Said]:
    if not words:
        return {}
    # Words alone, without a quote or backslash among them: \w has none.
    either = " | ".join(f"'{word}'" for word in words)
    wanted = SearchQuery(f"'account{item.account_id}' & ({either})", config="simple", search_type="raw")
    return _read(others.filter(closed_at=None).annotate(words=words_vector()).filter(words=wanted)[:FOUND_BY_WORDS])


def _rare(said: Said, newest: Iterable[Said]) -> list[str]:
    held = Counter(word for other in newest for word in said.telling & other.telling)
    rare = [word for word in said.telling if held[word] <= RARE]
    return sorted(rare, key=lambda word: (held[word], -len(word), word))[:RARE_WORDS]


def _sharing(said: dict[UUID, Said]) -> set[tuple[UUID, UUID]]:
    """Pairs that can be alike at all: two telling words in common, or one of two, or no words and the same signs."""
    holding: dict[str, list[UUID]] = {}
    for id, each in said.items():
        for word in each.telling or {each.text}:
            holding.setdefault(word, []).append(id)
    shared: Counter[tuple[UUID, UUID]] = Counter()
    for word, ids in holding.items():
        if word and len(ids) <= COMMON:
            shared.update((one, other) for at, one in enumerate(ids) for other in ids[at + 1 :])
    return {
        (one, other) for (one, other), number in shared.items()
        if number > 1 or min(len(said[one].telling), len(said[other].telling)) <= 2
    }  # fmt: skip


def _read(rows: Any) -> dict[UUID, Said]:
    found = rows.annotate(head=Left("message", SENT)).values_list("pk", "head", "route", "area", "client_version")
    return {id: Said(*rest) for id, *rest in found}


def _shown(ids: Iterable[UUID]) -> dict[UUID, FeedbackItem]:
    return {row.pk: row for row in FeedbackItem.objects.filter(pk__in=list(ids)).select_related("customer")}


def _dismissed(item: FeedbackItem) -> set[UUID]:
    rows = NotAlike.objects.filter(Q(first=item) | Q(second=item)).values_list("first", "second")
    return {id for pair in rows for id in pair} - {item.pk}


def _told_apart(account: Account) -> set[tuple[UUID, UUID]]:
    return set(NotAlike.objects.for_account(account).values_list("first", "second"))
