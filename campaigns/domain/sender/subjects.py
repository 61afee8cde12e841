"""What the gates look at: messages with all facts about them, loaded for one as for a thousand.

The sender loads one inside the attempt's transaction, after the address lock, so that whatever was committed before
is seen: a STOP, a deletion, an answer. A dry run loads messages that were never saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import Account
from campaigns.models import Enrolment, Message, MessageTemplate, SendAttempt, SenderStop, SendingRules
from crm.domain import suppressions
from crm.models import Suppression

# Nobody sets a longer pause between two requests.
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Subject:
    """A message with its account, customer, request and location; `now` is the database's clock for the sender, any
    moment for a dry run."""

    message: Message
    now: datetime
    # The row that forbids it.
    block: Suppression | None = None
    # The account's hours, pauses and countries.
    rules: SendingRules = field(default_factory=SendingRules)
    # The person stopped the number that it would come from.
    sender_stopped: bool = False
    # When the person was last sent anything, and last outside of this run through this campaign.
    last_sent: datetime | None = None
    last_sent_otherwise: datetime | None = None

    @property
    def enrolment(self) -> Enrolment | None:
        """The run through a campaign that it belongs to."""
        request = self.message.feedback_request
        return request.enrolment if request is not None else None


def load(messages: Sequence[Message], *, now: datetime, sender: str = "") -> list[Subject]:
    """Subjects in the order of the messages, which are all of one account. One query per kind of fact.

    `sender` is the number that SMS would come from.
    """
    if not messages:
        return []
    account = messages[0].account
    wanted = [suppressions.Wanted(one.channel, one.address, one.customer_id) for one in messages]
    blocks = suppressions.blocking_each(account=account, wanted=wanted)
    rules, stopped, sends = _rules(account), _stopped(messages, sender), _sends(messages, now)
    return [
        Subject(
            message,
            now,
            block,
            rules,
            message.channel == MessageTemplate.Channel.SMS and message.address in stopped,
            _last(sends, message, otherwise=False),
            _last(sends, message, otherwise=True),
        )
        for message, block in zip(messages, blocks, strict=True)
    ]


def _rules(account: Account) -> SendingRules:
    # Joined by the sender, so that it asks for nothing more.
    return getattr(account, "sending_rules", None) or SendingRules(account=account)


def _stopped(messages: Sequence[Message], sender: str) -> set[str]:
    numbers = {one.address for one in messages if one.channel == MessageTemplate.Channel.SMS}
    if not (sender and numbers):
        return set()
    rows = SenderStop.objects.filter(sender=sender, address__in=numbers, lifted_at=None)
    return set(rows.values_list("address", flat=True))


def _sends(messages: Sequence[Message], now: datetime) -> dict[int, list[tuple[int | None, datetime]]]:
    """By customer, of those whom a campaign wants to write to: each send of a year, and the run it belonged to."""
    people = {one.customer_id for one in messages if one.campaign_step_id is not None}
    if not people:
        return {}
    rows = SendAttempt.objects.filter(
        message__customer__in=people,
        started_at__gt=now - LONGEST,
        outcome__in=[SendAttempt.Outcome.STARTED, SendAttempt.Outcome.UNKNOWN, SendAttempt.Outcome.ACCEPTED],
    ).values_list("message__customer", "message__feedback_request__enrolment", "started_at", "message")
    own = {one.pk for one in messages}
    found: dict[int, list[tuple[int | None, datetime]]] = {}
    for customer, enrolment, at, message in rows:
        if message not in own:
            found.setdefault(customer, []).append((enrolment, at))
    return found


def _last(sends: dict[int, list[tuple[int | None, datetime]]], message: Message, *, otherwise: bool) -> datetime | None:
    known = sends.get(message.customer_id)
    if not known:
        return None
    request = message.feedback_request
    run = request.enrolment_id if request is not None else None
    return max((at for one, at in known if not (otherwise and run is not None and one == run)), default=None)
