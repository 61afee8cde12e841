"""Django's own mails (password reset, invitations) through the same setting as everything else."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.utils import parseaddr
from uuid import uuid4

import structlog
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from campaigns.models import OutboxEntry
from campaigns.providers import registry
from campaigns.providers.allow_list import may_send_to
from campaigns.providers.base import Verdict
from campaigns.providers.smtp import SmtpProvider

log = structlog.get_logger(__name__)


class HubEmailBackend(BaseEmailBackend):
    """SMTP when EMAIL_PROVIDER_URL is one; otherwise the hub's outbox, whatever the channel's own provider is."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(self._send(message) for message in email_messages)

    def _send(self, message: EmailMessage) -> bool:
        recipients = [address for address in message.recipients() if may_send_to(parseaddr(address)[1])]
        if not recipients:
            log.info("mail held back", reason="SEND_ONLY_TO names none of its recipients")
            return False
        provider = registry.for_channel("email")
        if not isinstance(provider, SmtpProvider):
            _keep(message, recipients)
            return True
        return self._converse(provider, message, recipients)

    def _converse(self, provider: SmtpProvider, message: EmailMessage, recipients: list[str]) -> bool:
        outcome = provider.conversation.deliver(
            sender=parseaddr(message.from_email)[1],
            recipients=[parseaddr(address)[1] for address in recipients],
            # Django's own message class takes the line end.
            data=message.message().as_bytes(linesep="\r\n"),  # type: ignore[call-arg]
        )
        provider.close()
        if outcome.verdict == Verdict.ACCEPTED:
            return True
        if not self.fail_silently:
            raise smtplib.SMTPException(outcome.error)
        return False


def _keep(message: EmailMessage, recipients: list[str]) -> None:
    html = ""
    if isinstance(message, EmailMultiAlternatives):
        html = next((str(part[0]) for part in message.alternatives if part[1] == "text/html"), "")
    OutboxEntry.objects.bulk_create(
        OutboxEntry(
            idem_key=f"django:{uuid4()}",
            channel="email",
            address=parseaddr(address)[1],
            subject=str(message.subject)[:300],
            text_body=str(message.body),
            html_body=html,
            headers={"From": message.from_email, **message.extra_headers},
        )
        for address in recipients
    )
