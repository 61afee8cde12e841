"""The link at the end of every message."""

from __future__ import annotations

from accounts.domain.actors import acting, person
from campaigns.models import Message
from crm.domain import suppressions
from crm.models import Suppression
from feedbackhub.errors import NotFound
from feedbackhub.ids import is_token


def message_by_token(token: str) -> Message:
    """The message that carried the link, also of an account that has gone since; NotFound for anybody else's token."""
    if not is_token(token):
        raise NotFound("No such page.")
    message = Message.objects.filter(unsubscribe_token=token).select_related("account", "customer").first()
    if message is None:
        raise NotFound("No such page.")
    return message


def is_unsubscribed(message: Message) -> bool:
    rows = Suppression.objects.for_account(message.account_id).standing()
    about = {"address": message.address.lower(), "reason": Suppression.Reason.UNSUBSCRIBE}
    return rows.filter(channel=Suppression.Channel.ALL, **about).exists()


def unsubscribe(*, message: Message, how: str) -> None:
    """Nothing is sent to this address or person any more, on no channel; twice is once.

    `how` is evidence: "one-click" (RFC 8058, by the mail program) or "page". Everything rather than this channel,
    because that is what most people mean, and only they can undo it.
    """
    with acting(person(message.customer.public_id)):
        suppressions.suppress(
            account=message.account,
            channel=Suppression.Channel.ALL,
            reason=Suppression.Reason.UNSUBSCRIBE,
            source=Suppression.Source.RECIPIENT,
            address=message.address,
            customer=message.customer,
            evidence={"message": str(message.pk), "channel": message.channel, "how": how},
        )
