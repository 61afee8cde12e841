"""The embedded default: the hub delivers to itself and shows it in the console."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError

from campaigns import failpoints
from campaigns.models import OutboxEntry
from campaigns.providers import base, mime


class OutboxProvider:
    name = "outbox"
    remembers: timedelta | None = timedelta(days=30)

    def send(self, envelope: base.Envelope) -> base.Outcome:
        if envelope.too_late():
            return base.not_sent("woke up too late")
        entry = OutboxEntry(
            account_id=envelope.account_id,
            idem_key=envelope.idem_key,
            channel=envelope.channel,
            address=envelope.to,
            subject=envelope.subject,
            text_body=envelope.text,
            html_body=envelope.html,
            headers=mime.headers(envelope) if envelope.channel == "email" else {},
        )
        try:
            OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)
        except DatabaseError as error:
            # Its commit may have been acknowledged to nobody.
            return base.unknown(str(error))
        failpoints.hit("after_provider_accept")
        return base.accepted(envelope.idem_key)

    def close(self) -> None:
        """Holds nothing."""
