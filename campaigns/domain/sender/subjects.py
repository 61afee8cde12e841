"""What the gates look at: messages with all facts about them, loaded for one as for a thousand.

The sender loads one inside the attempt's transaction, after the address lock, so that whatever was committed before
is seen: a STOP, a deletion, an answer. A dry run loads messages that were never saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings

from accounts.models import Account
from campaigns.models import Enrolment, Message, MessageTemplate, SendAttempt, SenderStop, SendingRules
from crm.domain import phones, suppressions
from crm.models import Suppression
from feedbackhub.postgres.cursors import prepared

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
    # SMS within a day to its block of numbers, counted up to the limit.
    sent_nearby: int = 0
    # When the person was last sent anything, and last outside of this run through this campaign.
    last_sent: datetime | None = None
    last_sent_otherwise: datetime | None = None

    @property
    def enrolment(self) -> Enrolment | None:
        """The run through a campaign that it belongs to."""
        request = self.message.feedback_request
        return request.enrolment if request is not None else None


class Send(NamedTuple):
    """A call for some message: when, and of which run through a campaign, if any; `asked` unless it was a reply."""

    at: datetime
    run: int | None
    asked: bool


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
    nearby = _nearby(messages, now)
    return [
        Subject(
            message,
            now,
            block,
            rules,
            message.channel == MessageTemplate.Channel.SMS and message.address in stopped,
            nearby.get(phones.block(message.address), 0) if message.channel == MessageTemplate.Channel.SMS else 0,
            _last(sends, message),
            _last_otherwise(sends, message),
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


# By the index `message_sms_address`, and no further than the limit.
_NEARBY = """
SELECT block.prefix, (SELECT count(*) FROM (
  SELECT 1 FROM campaigns_message m JOIN campaigns_sendattempt t ON t.message_id = m.id
  WHERE m.channel = 'sms' AND m.address >= block.prefix AND m.address < block.beyond AND m.account_id = %(account)s
    AND m.id <> ALL(%(own)s) AND t.outcome IN ('started', 'unknown', 'accepted')
    AND t.started_at > %(now)s - interval '1 day'
  LIMIT %(limit)s) sent)
FROM unnest(%(prefixes)s::text[], %(beyond)s::text[]) block(prefix, beyond)
"""


def _nearby(messages: Sequence[Message], now: datetime) -> dict[str, int]:
    """By block of numbers. Senders at work on the same block at the same moment do not see each other: so many more
    may go."""
    numbers = {one.address for one in messages if one.channel == MessageTemplate.Channel.SMS and one.address}
    if not numbers or not settings.SMS_BLOCK_LIMIT:
        return {}
    blocks = sorted({phones.block(number) for number in numbers})
    given: dict[str, Any] = {
        "account": messages[0].account_id,
        "own": [one.pk for one in messages],
        "now": now,
        "limit": settings.SMS_BLOCK_LIMIT,
        "prefixes": blocks,
        "beyond": [f"+{int(block) + 1}" for block in blocks],
    }
    with prepared() as cursor:
        cursor.execute(_NEARBY, given)
        return dict(cursor.fetchall())


def _sends(messages: Sequence[Message], now: datetime) -> dict[int, list[Send]]:
    """By customer, of those whom a campaign wants to write to: each send of a year."""
    people = {one.customer_id for one in messages if one.campaign_step_id is not None}
    if not people:
        return {}
    rows = SendAttempt.objects.filter(
        message__customer__in=people,
        started_at__gt=now - LONGEST,
        outcome__in=[SendAttempt.Outcome.STARTED, SendAttempt.Outcome.UNKNOWN, SendAttempt.Outcome.ACCEPTED],
    ).values_list(
        "message__customer",
        "message__feedback_request",
        "message__feedback_request__enrolment",
        "started_at",
        "message",
    )
    own = {one.pk for one in messages}
    found: dict[int, list[Send]] = {}
    for customer, request, enrolment, at, message in rows:
        if message not in own:
            found.setdefault(customer, []).append(Send(at, enrolment, asked=request is not None))
    return found


def _last(sends: dict[int, list[Send]], message: Message) -> datetime | None:
    return max((one.at for one in sends.get(message.customer_id, ())), default=None)


def _last_otherwise(sends: dict[int, list[Send]], message: Message) -> datetime | None:
    """A reply asks for nothing: it does not put off the next question for days."""
    asked = [one for one in sends.get(message.customer_id, ()) if one.asked]
    request = message.feedback_request if asked else None
    run = request.enrolment_id if request is not None else None
    return max((one.at for one in asked if run is None or one.run != run), default=None)
