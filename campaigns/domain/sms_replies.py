"""What people write back by SMS: STOP, START and HELP, and everything else.

A STOP goes to one of our numbers, and concerns everybody who sends by it: all accounts that know the person, and by
SenderStop whoever sends to them later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.domain.actors import PERSON, Actor, acting
from accounts.models import Account
from campaigns.domain import events, sms_words, words
from campaigns.domain.rules import rules_of
from campaigns.models import Message, MessageTemplate, ProviderCredentials, ProviderEvent, SenderStop, SmsReply
from crm.domain import suppressions
from crm.models import Customer, Suppression
from feedback.domain import items
from feedback.domain.items import ItemDraft
from feedback.models import FeedbackItem
from feedbackhub.errors import Refused

Reading = SmsReply.Reading
SMS = MessageTemplate.Channel.SMS


@dataclass(frozen=True)
class Incoming:
    """`sender` is our number (or messaging service), `address` theirs; `owner` the account whose own provider it
    came by, None for the hub's."""

    provider: str
    event_id: str
    sender: str
    address: str
    text: str
    owner: Account | None = None
    raw: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def receive(incoming: Incoming) -> str:
    """Apply it once. What to answer, or "": one confirmation, and nothing to somebody who had stopped before."""
    event = ProviderEvent(
        provider=incoming.provider,
        event_id=incoming.event_id[:200],
        kind="incoming",
        raw=incoming.raw,
        applied_at=timezone.now(),
    )
    if not events.first_time(event):
        return ""
    reading, accounts = sms_words.read(incoming.text), _concerned(incoming, everybody=True)
    if reading in (Reading.STOP, Reading.DOUBTFUL):
        fresh = _stop(incoming, event, accounts)
    elif reading == Reading.START and not _start(incoming, event, accounts):
        # Nothing was stopped: a YES answers another question.
        reading, fresh = Reading.WORDS, False
    else:
        fresh = reading != Reading.WORDS
    if reading in (Reading.WORDS, Reading.HELP):
        accounts = _concerned(incoming, everybody=False)
    for account in accounts:
        reply = _keep(account, incoming, reading, event)
        if reading == Reading.DOUBTFUL:
            _put_before_staff(reply)
    if not fresh:
        return ""
    return _answer(reading, accounts, _customer(accounts[0], incoming.address) if len(accounts) == 1 else None)


def judge(*, reply: SmsReply, opt_out: bool, actor: Actor) -> None:
    """Staff's word on a doubtful one. If it was no opt-out, what it set in motion is undone, for this account; the
    number's own block goes with the last account's doubt."""
    if reply.reading != Reading.DOUBTFUL or reply.judged_at is not None:
        raise Refused("Nothing is to be decided about this reply.")
    with acting(actor), transaction.atomic():
        open_rows = SmsReply.objects.filter(pk=reply.pk, judged_at=None)
        changed = open_rows.update(judged_at=Now(), judged_by=actor.code, reading="stop" if opt_out else "words")
        if not changed or opt_out:
            return
        rows = Suppression.objects.for_account(reply.account_id)
        because = {"judged": "no opt-out", "by": actor.code, "reply": reply.pk}
        suppressions.lift(rows=rows.filter(reason="stop", evidence__event=str(reply.event_id)), evidence=because)
        if not SmsReply.objects.filter(event=reply.event_id, reading__in=["doubtful", "stop"]).exists():
            SenderStop.objects.filter(event=reply.event_id, lifted_at=None).update(lifted_at=Now())


def is_stopped(*, sender: str, address: str) -> bool:
    """Whether the person stopped this number of ours, for whomever."""
    return bool(sender) and SenderStop.objects.filter(sender=sender, address=address, lifted_at=None).exists()


def _stop(incoming: Incoming, event: ProviderEvent, accounts: list[Account]) -> bool:
    """False when the person had stopped this number before."""
    row = SenderStop(sender=incoming.sender, address=incoming.address, event=event)
    SenderStop.objects.bulk_create([row], ignore_conflicts=True)
    with acting(PERSON):
        for account in accounts:
            suppressions.suppress(
                account=account,
                channel=SMS if rules_of(account).opt_out_scope == "channel" else Suppression.Channel.ALL,
                reason=Suppression.Reason.STOP,
                source=Suppression.Source.RECIPIENT,
                address=incoming.address,
                customer=_customer(account, incoming.address),
                evidence=_evidence(incoming, event),
            )
    return SenderStop.objects.filter(event=event).exists()


def _start(incoming: Incoming, event: ProviderEvent, accounts: list[Account]) -> bool:
    """Undoes only what a STOP to this number made: an unsubscribe link, a complaint and staff's word stay. False when
    there was nothing to undo."""
    rows = Suppression.objects.filter(
        account__in=accounts, reason=Suppression.Reason.STOP, source=Suppression.Source.RECIPIENT
    )
    # Of a STOP that only the carrier told us about, the number is not known.
    by_this_number = Q(evidence__sender=incoming.sender) | Q(evidence__sender__isnull=True)
    of_person = Q(address=incoming.address) | Q(evidence__from=incoming.address)
    with acting(PERSON):
        lifted = suppressions.lift(rows=rows.filter(by_this_number, of_person), evidence=_evidence(incoming, event))
    stops = SenderStop.objects.filter(sender=incoming.sender, address=incoming.address, lifted_at=None)
    return bool(stops.update(lifted_at=Now()) + lifted)


def _concerned(incoming: Incoming, *, everybody: bool) -> list[Account]:
    """The accounts that send by this number and know the person, in the order in which locks are taken; of words
    only the one that wrote last."""
    wrote = Message.objects.filter(channel=SMS, address=incoming.address)
    known = Q(pk__in=wrote.values("account"))
    if everybody:
        known |= Q(pk__in=Customer.objects.filter(mobile_number=incoming.address).values("account"))
    rows = Account.objects.filter(known, deleted_at=None)
    if incoming.owner is not None:
        rows = rows.filter(pk=incoming.owner.pk)
    else:
        own = ProviderCredentials.objects.filter(channel=SMS, active=True)
        rows = rows.exclude(pk__in=own.values("account"))
    if everybody:
        return list(rows.order_by("pk"))
    message = wrote.filter(account__in=rows).order_by("-created_at").select_related("account").first()
    return [message.account] if message is not None else []


def _keep(account: Account, incoming: Incoming, reading: str, event: ProviderEvent) -> SmsReply:
    return SmsReply.objects.create(
        account=account,
        event=event,
        customer=_customer(account, incoming.address),
        address=incoming.address,
        sender=incoming.sender,
        text=incoming.text[:1600],
        reading=reading,
    )


def _put_before_staff(reply: SmsReply) -> None:
    """In the inbox, where work is: whether it was an opt-out is decided at "SMS replies"."""
    draft = ItemDraft(
        message=reply.text,
        channel=FeedbackItem.Channel.REQUEST,
        area="Opt-out by SMS?",
        customer=reply.customer,
        # The same words of somebody else are another person's wish.
        joins=False,
    )
    items.create(account=reply.account, draft=draft, actor=PERSON)


def _evidence(incoming: Incoming, event: ProviderEvent) -> dict[str, Any]:
    return {
        "sender": incoming.sender,
        "from": incoming.address,
        "text": incoming.text[:1600],
        "event": str(event.pk),
        "provider": incoming.provider,
    }


def _customer(account: Account, number: str) -> Customer | None:
    alive = Customer.objects.for_account(account).alive().filter(mobile_number=number).first()
    if alive is not None:
        return alive
    # The number has moved on, but it was this person that we wrote to.
    last = Message.objects.filter(account=account, channel=SMS, address=number).order_by("-created_at")
    message = last.select_related("customer").first()
    return message.customer if message is not None else None


def _answer(reading: str, accounts: list[Account], customer: Customer | None) -> str:
    """Within one segment, without a word of marketing; nothing about a doubtful one, which may be no STOP."""
    if reading not in (Reading.STOP, Reading.START, Reading.HELP):
        return ""
    language, name = words.FALLBACK, ""
    if len(accounts) == 1:
        language = words.choose(customer.language if customer else "", accounts[0].language)
        name = accounts[0].display_name[:60]
    return words.say(language, f"sms_{reading}", name=name or words.say(language, "sms_nobody"))
