"""What rules look at: a sitting, all that one person answered at once, by whichever contract it came.

A score and its comment are two records of one submission, and may arrive one after the other. So a rule that asks for
both looks at the submission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid5

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import Account
from crm.models import Customer, Location
from feedback.domain.alike import WORDLESS
from feedback.domain.queries import telling
from feedback.models import FeedbackItem, FeedbackRecord, TriageRule

Contract = FeedbackRecord.Contract
Type = FeedbackRecord.FieldType
Signal = TriageRule.Signal
Channel = FeedbackItem.Channel

CONTRACTS: dict[str, tuple[str, ...]] = {
    Signal.ANSWER: (Contract.REQUEST,),
    Signal.RECORD: (Contract.HUB, Contract.BUILDBETTER, Contract.API),
    Signal.THUMB: (Contract.INKEEP,),
    Signal.REVIEW: (Contract.REVIEW,),
}
SIGNAL_OF = {contract: signal for signal, contracts in CONTRACTS.items() for contract in contracts}
CHANNELS = {Contract.INKEEP: Channel.AI_REPLY, Contract.REVIEW: Channel.REVIEW}
# Records whose text is somebody's own words; that of a choice is the asker's.
SPOKEN = (Type.TEXT, Type.BOOLEAN)
SCORES = (Type.NPS, Type.CSAT, Type.CES, Type.RATING, Type.BOOLEAN)
# Of one sitting; a call of an hour may have been fanned out to hundreds.
MOST_RECORDS = 50
_NAMESPACE = UUID("5f1c3a62-7d0e-4a55-9b6a-2f0f7d3c8e11")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Sitting:
    """`records` oldest first; `said` are words that no record holds, such as a review's."""

    account: Account
    contract: str
    tenant_id: str
    submission_id: str
    records: tuple[FeedbackRecord, ...] = ()
    said: str = ""
    at: datetime | None = None
    # Where the caller has them at hand.
    who: Customer | None = None
    place: Location | None = None
    # Records of it that were read and left out.
    more: int = 0

    @property
    def key(self) -> Key:
        return self.contract, self.tenant_id, self.submission_id

    @cached_property
    def origin(self) -> UUID:
        """What an item that is made of it remembers it by: an id of fixed size, the same for everybody who looks."""
        return uuid5(_NAMESPACE, "\n".join(self.key))

    @property
    def signal(self) -> str:
        return SIGNAL_OF[self.contract]

    @cached_property
    def words(self) -> str:
        spoken = [row.value_text.strip() for row in self.records if row.field_type in SPOKEN and row.value_text]
        return "\n\n".join(filter(None, [self.said, *spoken]))

    @property
    def message(self) -> str:
        return self.words or self.told

    @property
    def told(self) -> str:
        """What an item says where nobody said anything: the scores."""
        scores = [telling.score(row) for row in self.records if row.field_type in SCORES]
        return f"{', '.join(scores) or 'An answer'}{WORDLESS}"

    @property
    def customer(self) -> Customer | None:
        return self.who or next((row.customer for row in self.records if row.customer_id), None)

    @property
    def location(self) -> Location | None:
        return self.place or next((row.location for row in self.records if row.location_id), None)

    @property
    def channel(self) -> Channel:
        if self.contract == Contract.REQUEST:
            kiosk = any(row.source_type == "kiosk" for row in self.records)
            return Channel.KIOSK if kiosk else Channel.REQUEST
        return CHANNELS.get(Contract(self.contract), Channel.RECORD)


def of_keys(*, account: Account, keys: Iterable[Key]) -> list[Sitting]:
    """The sittings of the keys that still have a record; two queries at most, however many."""
    wanted = set(keys)
    if not wanted:
        return []
    either = Q()
    for contract, tenant_id in {key[:2] for key in wanted}:
        ids = [submission for one, tenant, submission in wanted if (one, tenant) == (contract, tenant_id)]
        either |= Q(contract=contract, tenant_id=tenant_id, submission_id__in=ids)
    nth = Window(
        RowNumber(),
        partition_by=[F("contract"), F("tenant_id"), F("submission_id")],
        order_by=[F("collected_at").asc(), F("pk").asc()],
    )
    rows = _rows(account).filter(either).annotate(nth=nth).filter(nth__lte=MOST_RECORDS)
    return grouped(account, list(rows.order_by("collected_at", "pk")))


def grouped(account: Account, rows: Sequence[FeedbackRecord]) -> list[Sitting]:
    """Records, oldest first, as sittings."""
    found: dict[Key, list[FeedbackRecord]] = {}
    for row in rows:
        found.setdefault((row.contract, row.tenant_id, row.submission_id), []).append(row)
    return [
        Sitting(
            account,
            *key,
            records=tuple(records[:MOST_RECORDS]),
            at=records[0].collected_at,
            more=max(0, len(records) - MOST_RECORDS),
        )
        for key, records in found.items()
    ]


# When and which: where a page of the past ended.
Place = tuple[datetime, str]


@dataclass(frozen=True)
class Source:
    """Given an account, from when until when, and a number: `newest` are its sittings of that time, that many at most;
    `page` those after a place, oldest first, and the place where it ended, None at the end."""

    newest: Callable[[Account, datetime, datetime, int], list[Sitting]]
    page: Callable[[Account, datetime, datetime, int, Place | None], tuple[list[Sitting], Place | None]]


_sources: dict[str, Source] = {}


def register(signal: str, source: Source) -> None:
    """Say where signals are found that records do not hold whole; called when the registering app is ready."""
    _sources[signal] = source


def within(*, account: Account, signal: str, since: datetime, until: datetime, at_most: int) -> list[Sitting]:
    """The sittings of a kind in that time, of the `at_most` newest records."""
    if signal in _sources:
        return _sources[signal].newest(account, since, until, at_most)
    rows = _rows(account).filter(contract__in=CONTRACTS[signal], collected_at__gte=since, collected_at__lt=until)
    newest = list(rows.order_by("-collected_at", "pk")[:at_most])
    return grouped(account, newest[::-1])


def page(
    *, account: Account, signal: str, since: datetime, until: datetime, at_most: int, after: Place | None
) -> tuple[list[Sitting], Place | None]:
    """The sittings that the next `at_most` records of that time belong to, each whole, also what was said after it;
    and where that ended, None at the end."""
    if signal in _sources:
        return _sources[signal].page(account, since, until, at_most, after)
    rows = FeedbackRecord.objects.for_account(account).filter(
        contract__in=CONTRACTS[signal], collected_at__gte=since, collected_at__lt=until
    )
    if after:
        rows = rows.filter(Q(collected_at__gt=after[0]) | Q(collected_at=after[0], pk__gt=after[1]))
    names = ("collected_at", "pk", "contract", "tenant_id", "submission_id")
    found = list(rows.order_by("collected_at", "pk").values_list(*names)[:at_most])
    ended = (found[-1][0], str(found[-1][1])) if len(found) == at_most else None
    return of_keys(account=account, keys=(row[2:] for row in found)), ended


def _rows(account: Account) -> QuerySet[FeedbackRecord]:
    rows = FeedbackRecord.objects.for_account(account).select_related("customer", "location")
    return rows.defer("raw", "metadata")
