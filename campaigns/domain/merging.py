"""Two rows of one person in the same campaign: never a second send, rather one less.

Of runs through one campaign the one who stays goes on with their own; the other's ends. And also theirs ends where the
other was asked what they were not asked yet, or has answered: going on would ask the person twice. What was asked, sent
and answered moves to who stays, save what constraints allow a person once: that stays with the tombstone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from campaigns.domain.cancelling import WAITING
from campaigns.models import Enrolment, FeedbackRequest, Message, SmsReply
from crm.domain.merging.relations import Once, Pair, Relation

State = Enrolment.State

RELATIONS = (
    Relation(Enrolment, "runs through campaigns", once=(Once(("campaign", "entry")),), made="entered_at"),
    Relation(FeedbackRequest, "requests"),
    Relation(
        Message,
        "messages",
        once=(Once(("account", "campaign_step", "campaign_entry", "channel"), Q(campaign_step__isnull=False)),),
    ),
    Relation(SmsReply, "SMS replies", made="received_at"),
)


def settle(pair: Pair) -> Iterator[str]:
    """Ends the runs that must not go on; says which in sentences."""
    runs = Enrolment.objects.filter(customer__in=[pair.winner, pair.loser]).select_related("campaign")
    if pair.record is not None:
        runs = runs.select_for_update(of=("self",))
    by_campaign: dict[int, list[Enrolment]] = defaultdict(list)
    for run in runs.order_by("campaign", "entered_at", "pk"):
        by_campaign[run.campaign_id].append(run)
    for both in by_campaign.values():
        for run, why in _ending(pair, both):
            yield f"{run.customer if run.customer_id == pair.loser.pk else pair.winner} leaves “{run.campaign}”. {why}"
            if pair.record is not None:
                _end(pair, run, why)


def _ending(pair: Pair, both: list[Enrolment]) -> Iterator[tuple[Enrolment, str]]:
    mine = [run for run in both if run.customer_id == pair.winner.pk]
    theirs = [run for run in both if run.customer_id == pair.loser.pk]
    if not mine or not theirs:
        return
    for run in theirs:
        if run.state == State.ACTIVE:
            yield run, "They are in it twice."
    last = theirs[-1]
    for run in mine:
        if run.state == State.ACTIVE and _recent(last):
            if last.state == State.REACHED:
                yield run, "They have reached its goal already."
            elif _asked(last) - _asked(run):
                yield run, "They were asked by it already."


def _recent(run: Enrolment) -> bool:
    """Whether the campaign would not yet let them in again."""
    days = run.campaign.reentry_days
    return days is None or run.entered_at > timezone.now() - timedelta(days=days)


def _asked(run: Enrolment) -> set[int | None]:
    return set(FeedbackRequest.objects.filter(enrolment=run).values_list("campaign_step_id", flat=True))


def _end(pair: Pair, run: Enrolment, why: str) -> None:
    waiting = Message.objects.filter(feedback_request__enrolment=run, state__in=WAITING)
    for message in waiting.select_for_update(of=("self",)).order_by("pk"):
        pair.change(message, state=Message.State.CANCELLED, reason=why)
    now = timezone.now()
    pair.change(run, state=State.LEFT, why_ended=why, next_step=None, next_at=None, ended_at=now)
