"""Lost answers are asked for, by and by; only proof changes anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Account
from campaigns.domain.sender import attempt, claim, finish, lookup, reap
from campaigns.models import Message, SendAttempt
from campaigns.providers import base
from campaigns.providers.base import Outcome
from tests.campaigns.asking import Scripted, ask

pytestmark = pytest.mark.django_db


@dataclass
class Asked(Scripted):
    answer: Outcome | None = None
    questions: list[tuple[str, str]] = field(default_factory=list)

    def look_up(self, *, to: str, text: str) -> Outcome | None:
        self.questions.append((to, text))
        return self.answer


@pytest.fixture
def provider() -> Asked:
    return Asked()


@pytest.fixture
def message(account: Account, provider: Asked) -> Message:
    """Its only call has no answer."""
    ask(account, "sms")
    [lease] = claim.due(owner="me")
    grant = attempt.begin(lease=lease, provider=provider)
    assert grant is not None
    finish.record(grant=grant, outcome=base.unknown("reset"))
    return Message.objects.get()


def age(seconds: int) -> None:
    SendAttempt.objects.update(started_at=Now() - timedelta(seconds=seconds))
    Message.objects.update(next_try_at=Now())


def test_proof_makes_it_accepted(message: Message, provider: Asked):
    provider.answer = base.accepted("SM9")
    age(31)
    assert lookup.look_up(provider) == 1
    assert provider.questions == [(message.address, message.text_body)]
    row = SendAttempt.objects.select_related("message").get()
    assert (row.outcome, row.provider_ref, row.message.state) == ("accepted", "SM9", "accepted")
    assert lookup.look_up(provider) == 0


@pytest.mark.parametrize(("seconds", "pause"), [(31, 90), (130, 480), (700, 3600), (80_000, 3600)])
def test_without_proof_it_is_asked_again_later(message: Message, provider: Asked, seconds: int, pause: int):
    age(seconds)
    assert lookup.look_up(provider) == 0
    assert lookup.look_up(provider) == 0
    assert len(provider.questions) == 1
    row = Message.objects.get()
    assert (row.state, SendAttempt.objects.get().outcome) == ("recon", "unknown")
    assert abs((row.next_try_at - timezone.now()).total_seconds() - pause) < 5


def test_nobody_is_asked_at_once_or_by_another_provider_or_after_a_day(message: Message, provider: Asked):
    age(5)
    lookup.look_up(provider)
    age(31)
    lookup.look_up(Asked(name="another", questions=provider.questions))
    age(25 * 3600)
    lookup.look_up(provider)
    assert provider.questions == []
    assert reap.reap()["unknown_final"] == 1
