"""What the person's timeline shows of asking: requests and what became of their messages."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.models import FeedbackRequest, Message
from crm.domain.timeline import Entry
from crm.models import Customer

State = Message.State
BAD = {State.BOUNCED, State.FAILED, State.UNKNOWN_FINAL}


def requests(customer: Customer, limit: int) -> Iterable[Entry]:
    rows = FeedbackRequest.objects.filter(customer=customer).select_related("template", "location", "message")
    for row in rows.order_by("-created_at")[:limit]:
        message: Message | None = getattr(row, "message", None)
        title = f"Asked by {row.template.get_channel_display()}" if message else "Asked by a link"
        detail = message.get_state_display() if message else str(row.location)
        yield Entry(row.due_at, "Request", title, detail, "bad" if message and message.state in BAD else "plain", row)
