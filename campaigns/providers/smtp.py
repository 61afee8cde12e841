"""E-mail through any SMTP server. It remembers no keys: an unknown fate stays unknown (class C)."""

from __future__ import annotations

from datetime import timedelta

from campaigns.providers import base, mime
from campaigns.providers.smtp_conversation import Conversation, Server

# From the attempt's commit to DATA: a conversation has many turns, and servers that distrust us take their time. With
# the wait for the last reply it stays within the lease.
DATA_SECONDS = 20.0


class SmtpProvider:
    name = "smtp"
    remembers: timedelta | None = None

    def __init__(self, server: Server, *, sender: str = "", sns_topic: str = "") -> None:
        """`sender` is the address that mails come from, the hub's unless given; `sns_topic` the one by which Amazon
        tells what became of them."""
        self.conversation = Conversation(server)
        self.sender_address = sender
        self.sns_topic = sns_topic

    def send(self, envelope: base.Envelope) -> base.Outcome:
        try:
            data = mime.build(envelope, sender=self.sender_address)
            envelope.to.encode("ascii")
        except (ValueError, LookupError) as error:
            return base.refused(f"cannot be written as a mail: {error}")
        return self.conversation.deliver(
            sender=self.sender_address or mime.sender_address(),
            recipients=[envelope.to],
            data=data,
            too_late=lambda: envelope.too_late(DATA_SECONDS),
        )

    def try_out(self) -> str:
        """What is wrong with connecting and signing in, or nothing; sends no mail."""
        return self.conversation.try_out()

    def close(self) -> None:
        self.conversation.close()
