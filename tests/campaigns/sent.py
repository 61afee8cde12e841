"""A message as it is once a provider has taken it."""

from __future__ import annotations

from typing import Any

from accounts.models import Account
from campaigns.domain.sender import attempt, claim, finish
from campaigns.models import Message, SendAttempt
from campaigns.providers import base
from tests.campaigns.asking import Scripted, ask, message_of


def attempted(account: Account, channel: str, *, provider: str, **more: Any) -> SendAttempt:
    """Called, and not answered yet."""
    message = message_of(ask(account, channel, **more))
    [lease] = [lease for lease in claim.due(owner="test") if lease.message_id == message.pk]
    grant = attempt.begin(lease=lease, provider=Scripted(name=provider))
    assert grant is not None
    return SendAttempt.objects.get(pk=grant.attempt_id)


def sent(account: Account, channel: str, *, provider: str, ref: str = "ref-1", **more: Any) -> SendAttempt:
    row = attempted(account, channel, provider=provider, **more)
    finish.accept(attempt_id=row.pk, outcome=base.accepted(ref))
    row.refresh_from_db()
    return row


def state_of(row: SendAttempt) -> str:
    return Message.objects.get(pk=row.message_id).state
