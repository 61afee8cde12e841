"""One message of a template to somebody on the team, to see how it arrives. Outside the ledger: it asks nobody."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from accounts.domain.queries import access
from accounts.models import Account
from campaigns.domain import providers
from campaigns.domain.rendering import Rendered
from campaigns.domain.sender import quota
from campaigns.models import MessageTemplate
from campaigns.providers.allow_list import may_send_to
from campaigns.providers.base import Envelope, Verdict
from crm.domain import phones, suppressions
from feedbackhub.errors import Invalid, Refused
from feedbackhub.ids import uuid7


def send(*, template: MessageTemplate, rendered: Rendered, address: str) -> None:
    """Call it outside of a transaction. Raises Invalid for an address that a test may not go to, Refused when the
    provider does not take it."""
    account, sms = template.account, template.channel == MessageTemplate.Channel.SMS
    to = phones.parse(address.strip(), account.country_code or None) if sms else address.strip().lower()
    _check(account, template, to)
    if sms and quota.charge(account=account, count=rendered.segments, now=timezone.now()) is None:
        raise Refused("The month's SMS allowance is used up.")
    id = uuid7()
    outcome = providers.serving(account=account, channel=template.channel).send(
        Envelope(
            channel=template.channel,
            to=to,
            subject=f"[Test] {rendered.subject}" if rendered.subject else "",
            text=rendered.text,
            html=rendered.html,
            from_name=account.from_name or account.display_name,
            reply_to=account.reply_to,
            # Leads nowhere: nobody unsubscribes by a test.
            unsubscribe_url=f"{settings.BASE_URL}/u/test",
            list_name=account.display_name,
            list_code=account.public_id,
            idem_key=f"test:{id}",
            message_id=id,
            attempt_id=id,
            account_id=account.pk,
        )
    )
    if outcome.verdict != Verdict.ACCEPTED:
        raise Refused(f"The provider did not take it: {outcome.error or outcome.verdict.value}.")


def _check(account: Account, template: MessageTemplate, to: str) -> None:
    """The team's own addresses, so that a test is no way around consent."""
    if template.channel == MessageTemplate.Channel.EMAIL:
        if not access.users_for(account).filter(email=to).exists():
            raise Invalid("A test goes to somebody who signs in to this account.", field="test_to")
    elif not phones.is_sendable(to):
        raise Invalid("This is no possible mobile number.", field="test_to")
    if not may_send_to(to):
        raise Invalid("SEND_ONLY_TO does not name this address.", field="test_to")
    if suppressions.blocking(account=account, channel=template.channel, address=to) is not None:
        raise Refused("This address does not want messages.")
