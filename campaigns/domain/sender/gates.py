"""Everything that must hold at the moment of sending: one list of gates, which the sender and a dry run both judge by.

A gate looks at a Subject and objects with a Stop or a Wait, or not at all. It asks the database nothing: what it needs
is a fact of the Subject, loaded for many at once (subjects.py). All gates are asked, so that whoever wonders why
something was or was not sent sees every verdict; then the first Stop decides, else the Wait that ends last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.domain import hours, releasing, timing
from campaigns.domain.sender.subjects import Subject
from campaigns.models import Campaign, Enrolment, Message, MessageTemplate
from campaigns.providers.allow_list import may_send_to
from crm.domain import phones

State = Message.State

DECENT_HOUR = "decent_hour"
A_DAY = timedelta(days=1)
# How long a message of an inactive account waits before anybody looks at it again.
INACTIVE_PAUSE = timedelta(minutes=5)
# Before a number of a block that had too many SMS is looked at again.
FLOOD_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Stop:
    """It will never be sent: its last state, and why."""

    state: str
    reason: str


@dataclass(frozen=True)
class Wait:
    """Not before this moment, when everything is looked at again."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class Hold:
    """Not until somebody decides: a paused campaign."""

    reason: str


Objection = Stop | Wait | Hold


@dataclass(frozen=True)
class Verdict:
    """What one gate says: `rule` is what it wants, `detail` why it objects. An objection without `next_eligible_at` is
    for ever or, while it is held, until somebody decides; `state` is then what the message becomes."""

    gate: str
    allowed: bool
    rule: str
    next_eligible_at: datetime | None = None
    detail: str = ""
    state: str = ""

    @property
    def ends(self) -> bool:
        """Whether it says never."""
        return not self.allowed and self.next_eligible_at is None and self.state != State.HELD


@dataclass(frozen=True)
class Gate:
    """`check` judges; `rule` says in plain words what it wants."""

    name: str
    rule: str
    check: Callable[[Subject], Objection | None]

    def judge(self, subject: Subject) -> Verdict:
        return verdict(self.name, self.rule, self.check(subject))


@dataclass(frozen=True)
class Decision:
    """Every verdict in the order of the gates."""

    verdicts: tuple[Verdict, ...]

    @property
    def objection(self) -> Verdict | None:
        """The one that decides; None lets the message go."""
        against = [verdict for verdict in self.verdicts if not verdict.allowed]
        waits = [(verdict.next_eligible_at, verdict) for verdict in against if verdict.next_eligible_at is not None]
        never = next((verdict for verdict in against if verdict.ends), None)
        held = next((verdict for verdict in against if verdict.next_eligible_at is None), None)
        return never or held or (max(waits, key=lambda wait: wait[0])[1] if waits else None)

    def also(self, more: Verdict) -> Decision:
        """With one more verdict at the end."""
        return Decision((*self.verdicts, more))


def verdict(gate: str, rule: str, objection: Objection | None) -> Verdict:
    if objection is None:
        return Verdict(gate, True, rule)
    if isinstance(objection, Wait):
        return Verdict(gate, False, rule, objection.until, objection.reason)
    state = State.HELD if isinstance(objection, Hold) else objection.state
    return Verdict(gate, False, rule, None, objection.reason, state)


def account_active(subject: Subject) -> Objection | None:
    account = subject.message.account
    if account.deleted_at is not None:
        return Stop(State.CANCELLED, "The account was deleted.")
    if not account.active:
        return Wait(subject.now + INACTIVE_PAUSE, "The account is inactive.")
    return None


def in_time(subject: Subject) -> Objection | None:
    if subject.now > subject.message.not_after:
        return Stop(State.EXPIRED, expiry_reason(subject.message.reason))
    return None


def location_alive(subject: Subject) -> Objection | None:
    request = subject.message.feedback_request
    if request is not None and request.location.deleted_at is not None:
        return Stop(State.CANCELLED, "The location was deleted.")
    return None


def customer_alive(subject: Subject) -> Objection | None:
    if subject.message.customer.deleted_at is not None:
        return Stop(State.CANCELLED, "The customer was deleted.")
    return None


def not_answered(subject: Subject) -> Objection | None:
    request = subject.message.feedback_request
    if request is not None and request.response_id is not None:
        return Stop(State.CANCELLED, "The customer has answered already.")
    return None


def campaign_goes_on(subject: Subject) -> Objection | None:
    """A dry run asks about drafts; nothing of a draft is ever queued."""
    enrolment = subject.enrolment
    if enrolment is None:
        return None
    if enrolment.campaign.state == Campaign.State.CANCELLED:
        return Stop(State.CANCELLED, "The campaign was cancelled.")
    if enrolment.campaign.state == Campaign.State.PAUSED:
        return Hold(releasing.PAUSED)
    return None


def goal_not_reached(subject: Subject) -> Objection | None:
    enrolment = subject.enrolment
    if enrolment is not None and enrolment.state in (Enrolment.State.REACHED, Enrolment.State.LEFT):
        return Stop(State.CANCELLED, enrolment.why_ended or "They left the campaign.")
    return None


def window_open(subject: Subject) -> Objection | None:
    """The step's own window; the quiet hours of the law are another gate."""
    message, enrolment = subject.message, subject.enrolment
    if message.campaign_step is None or enrolment is None:
        return None
    window = timing.window_of(message.campaign_step)
    zone = timing.zone_of(customer=message.customer, location=enrolment.location)
    opens = timing.into(subject.now, window=window, zone=zone)
    return (
        Wait(opens, f"The step's send window opens at {opens.astimezone(zone):%H:%M}.") if opens > subject.now else None
    )


def has_address(subject: Subject) -> Objection | None:
    message = subject.message
    if message.address:
        return None
    missing = "e-mail address" if message.channel == MessageTemplate.Channel.EMAIL else "mobile number"
    return Stop(State.FAILED, f"The customer has no {missing}.")


def number_possible(subject: Subject) -> Objection | None:
    """Any number of the right length is stored; one that no plan knows would only cost money."""
    message = subject.message
    if message.address and message.channel == MessageTemplate.Channel.SMS and not phones.is_sendable(message.address):
        return Stop(State.FAILED, f"{message.address} is not a possible phone number.")
    return None


def not_suppressed(subject: Subject) -> Objection | None:
    block = subject.block
    if block is None:
        return None
    return Stop(State.SUPPRESSED, f"Do not contact: {block.get_reason_display()} ({block.get_source_display()}).")


def number_not_premium(subject: Subject) -> Objection | None:
    message = subject.message
    if message.channel == MessageTemplate.Channel.SMS and phones.is_premium(message.address):
        return Stop(State.FAILED, f"{message.address} is a number that costs whoever writes to it.")
    return None


def country_allowed(subject: Subject) -> Objection | None:
    message, allowed = subject.message, subject.rules.sms_countries
    if not allowed or message.channel != MessageTemplate.Channel.SMS:
        return None
    region = phones.region(message.address)
    if region in allowed:
        return None
    return Stop(State.CANCELLED, f"SMS to {region or 'unknown countries'} are not allowed by the account's rules.")


def block_not_flooded(subject: Subject) -> Objection | None:
    """Whoever is paid for being written to signs up whole blocks of numbers; customers of a business share few."""
    limit, message = settings.SMS_BLOCK_LIMIT, subject.message
    if message.channel != MessageTemplate.Channel.SMS or not limit or subject.sent_nearby < limit:
        return None
    said = (
        f"{limit} SMS went to numbers that begin with {phones.block(message.address)} within a day: see who adds them."
    )
    return Wait(subject.now + FLOOD_PAUSE, said)


def number_not_stopped(subject: Subject) -> Objection | None:
    if subject.sender_stopped:
        return Stop(State.SUPPRESSED, "Do not contact: STOP was sent to this number of ours.")
    return None


def decent_hour(subject: Subject) -> Objection | None:
    opens = hours.held_until(message=subject.message, rules=subject.rules, moment=subject.now)
    if opens <= subject.now:
        return None
    local = opens.astimezone(ZoneInfo(hours.zones_of(subject.message)[0]))
    return Wait(opens, f"It is no time to write where the person is; it is again on {local:%d %B at %H:%M} there.")


def not_too_often(subject: Subject) -> Objection | None:
    """Only campaigns are held back; whatever was sent counts."""
    message = subject.message
    if message.campaign_step_id is None:
        return None
    if subject.last_sent is not None and subject.last_sent + A_DAY > subject.now:
        return Wait(subject.last_sent + A_DAY, "The person was written to within the last 24 hours.")
    pause, last = timedelta(days=subject.rules.days_between), subject.last_sent_otherwise
    if last is not None and last + pause > subject.now:
        return Wait(last + pause, f"The person was asked within the last {subject.rules.days_between} days.")
    return None


def address_allowed(subject: Subject) -> Objection | None:
    if not subject.message.address or may_send_to(subject.message.address):
        return None
    return Stop(State.CANCELLED, "SEND_ONLY_TO does not name this address.")


GATES: tuple[Gate, ...] = (
    Gate("account_active", "The account is active.", account_active),
    Gate("in_time", "It is not too late for it.", in_time),
    Gate("location_alive", "The location is active.", location_alive),
    Gate("customer_alive", "The customer is active.", customer_alive),
    Gate("not_answered", "The customer has not answered yet.", not_answered),
    Gate("campaign_goes_on", "The campaign is running.", campaign_goes_on),
    Gate("goal_not_reached", "The campaign's goal is not reached yet.", goal_not_reached),
    Gate("has_address", "The customer has an address for the channel.", has_address),
    Gate("number_possible", "The number is a possible one.", number_possible),
    Gate("number_not_premium", "The number is no premium one.", number_not_premium),
    Gate("country_allowed", "The account's rules allow SMS to the number's country.", country_allowed),
    Gate("block_not_flooded", "Not too many SMS went to neighbouring numbers within a day.", block_not_flooded),
    Gate("number_not_stopped", "The person has not stopped the number it comes from.", number_not_stopped),
    Gate("not_suppressed", "The customer may be contacted on this channel.", not_suppressed),
    Gate("address_allowed", "This hub may write to the address (SEND_ONLY_TO).", address_allowed),
    Gate("window_open", "It is within the step's send window.", window_open),
    Gate(DECENT_HOUR, "It is a decent hour where the person is, and no holiday that the account keeps.", decent_hour),
    Gate("not_too_often", "The person was not asked too recently, on any channel, about any location.", not_too_often),
)


def judge(subject: Subject) -> Decision:
    return Decision(tuple(gate.judge(subject) for gate in GATES))


def expiry_reason(reason: str) -> str:
    """What held a message back until it was too late, if anything did."""
    return f"Too late to send. {reason}".strip()[:500]
