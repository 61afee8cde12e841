"""Tells a worker to look. A hint: losing it delays a message by a tick."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from feedbackhub import hints

# One hint serves all rows committed before the worker looks; the beat's tick serves the rest.
PAUSE_SECONDS = 0.25
_last = float("-inf")


def up(*, due_at: datetime) -> None:
    """After this transaction's commit, if the message is due about now."""
    if due_at <= timezone.now() + timedelta(seconds=1):
        transaction.on_commit(_send)


def _send() -> None:
    global _last
    if monotonic() - _last < PAUSE_SECONDS:
        return
    _last = monotonic()
    hints.send("campaigns.send_due_messages")


def campaigns() -> None:
    """After this transaction's commit, somebody may be due in a campaign."""
    transaction.on_commit(_advance)


def _advance() -> None:
    hints.send("campaigns.advance")
