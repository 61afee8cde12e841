"""The link at the end of every message."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.domain.actors import acting, person
from campaigns.models import Message
from crm.domain import suppressions
from crm.models import Suppression
from feedbackhub.errors import NotFound
from feedbackhub.ids import is_token

Channel = Suppression.Channel
Reason = Suppression.Reason


def message_by_token(token: str) -> Message:
    """The message that carried the link, also of an account that has gone since; NotFound for anybody else's token."""
    if not is_token(token):
        raise NotFound("No such page.")
    message = Message.objects.filter(unsubscribe_token=token).select_related("account", "customer").first()
    if message is None:
        raise NotFound("No such page.")
    return message


@dataclass(frozen=True)
class Preferences:
    """What a person has ended: channels ("all" for everything). `by_sms` is a STOP, which this page cannot undo."""

    ended: frozenset[str]
    by_sms: bool


def preferences(message: Message) -> Preferences:
    rows = _standing(message)
    ended = rows.filter(reason=Reason.UNSUBSCRIBE).values_list("channel", flat=True)
    return Preferences(frozenset(ended), rows.filter(reason=Reason.STOP).exists())


def unsubscribe(*, message: Message, how: str, channel: str = Channel.ALL) -> None:
    """Nothing is sent to this address or person any more, on no channel unless one is named; twice is once.

    `how` is evidence: "one-click" (RFC 8058, by the mail program) or "page". Everything rather than this channel,
    because that is what most people mean, and only they can undo it.
    """
    with acting(person(message.customer.public_id)):
        suppressions.suppress(
            account=message.account,
            channel=channel,
            reason=Reason.UNSUBSCRIBE,
            source=Suppression.Source.RECIPIENT,
            address=message.address,
            customer=message.customer,
            evidence={"message": str(message.pk), "channel": message.channel, "how": how},
        )


def undo(*, message: Message) -> int:
    """The person wants our messages again: lifts what they said by such a page, and nothing else."""
    rows = _standing(message).filter(reason=Reason.UNSUBSCRIBE, source=Suppression.Source.RECIPIENT)
    with acting(person(message.customer.public_id)):
        return suppressions.lift(rows=rows, evidence={"message": str(message.pk), "how": "page"})


def _standing(message: Message) -> QuerySet[Suppression]:
    about = Q(address=message.address.lower()) | Q(customer=message.customer_id)
    return Suppression.objects.for_account(message.account_id).standing().filter(about)
