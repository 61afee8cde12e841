"""What the person's timeline shows of asking: requests and what became of their messages."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.models import FeedbackRequest, Message
from crm.domain.timeline import Entry, Tone, Window
from crm.models import Customer

State = Message.State
TONES: dict[str, Tone] = {State.BOUNCED: "bad", State.FAILED: "bad", State.UNKNOWN_FINAL: "bad"}


def requests(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Request"
    rows = FeedbackRequest.objects.filter(customer=customer).select_related("template", "location", "message")
    for row in window.newest(rows, kind=kind, at="due_at"):
        asked = row.template.get_channel_display() if hasattr(row, "message") else "a link"
        yield Entry(row.due_at, kind, f"Asked by {asked}", str(row.location or ""), "plain", row)


def messages(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Message"
    rows = Message.objects.filter(customer=customer, reply=None).defer("html_body")
    for row in window.newest(rows, kind=kind, at="due_at"):
        title = f"{row.get_channel_display()}: {row.get_state_display().lower()}"
        yield Entry(row.due_at, kind, title, row.subject or row.text_body, TONES.get(row.state, "plain"), row)


def replies(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Reply"
    rows = Message.objects.filter(customer=customer, reply__isnull=False).select_related("reply")
    for row in window.newest(rows.defer("html_body", "text_body"), kind=kind, at="due_at"):
        if row.reply is not None:
            title = f"{row.get_channel_display()} by {row.reply.author_name}: {row.get_state_display().lower()}"
            yield Entry(row.due_at, kind, title, row.reply.body, TONES.get(row.state, "plain"), row)
