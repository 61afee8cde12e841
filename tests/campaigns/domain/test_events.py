"""What providers report: once, and never backwards."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account
from campaigns.domain import events
from campaigns.domain.events import Event, Kind
from campaigns.models import FeedbackRequest, Message, ProviderEvent, SendAttempt
from campaigns.providers import base
from crm.models import Suppression
from tests.campaigns.asking import somebody
from tests.campaigns.sent import attempted, sent, state_of

pytestmark = pytest.mark.django_db(transaction=True)


def tell(row: SendAttempt, kind: Kind, **more: Any) -> bool:
    given = {"provider": row.provider, "event_id": str(uuid4()), "attempt_id": row.pk, **more}
    return events.record(Event(kind=kind, **given))


def suppressed() -> list[tuple[str, str, str]]:
    return list(Suppression.objects.standing().order_by("pk").values_list("channel", "reason", "source"))


def test_a_callback_that_is_faster_than_the_answer_is_proof(account: Account):
    row = attempted(account, "email", provider="smtp")
    tell(row, Kind.DELIVERED, ref="m-1")
    row.refresh_from_db()
    assert (row.outcome, row.provider_ref, state_of(row)) == ("accepted", "m-1", "delivered")


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([Kind.DELIVERED, Kind.ACCEPTED], "delivered"),
        ([Kind.DELIVERED, Kind.SOFT_BOUNCE], "bounced"),
        ([Kind.HARD_BOUNCE, Kind.DELIVERED, Kind.ACCEPTED], "bounced"),
        ([Kind.FAILED, Kind.DELIVERED], "failed"),
        ([Kind.FAILED, Kind.HARD_BOUNCE], "failed"),
        ([Kind.OPENED, Kind.NOTED], "accepted"),
        ([Kind.DELIVERED, Kind.COMPLAINED], "delivered"),
    ],
)
def test_late_and_reordered_events_never_move_a_message_backwards(account: Account, kinds: list[Kind], state: str):
    row = sent(account, "email", provider="smtp")
    for kind in kinds:
        assert tell(row, kind)
    assert state_of(row) == state


def test_a_repeated_event_is_applied_once(account: Account):
    row = sent(account, "email", provider="smtp")
    assert tell(row, Kind.HARD_BOUNCE, event_id="e-1", detail="550 5.1.1 no such user")
    Suppression.objects.update(lifted_at="2026-01-01T00:00:00Z")
    assert not tell(row, Kind.HARD_BOUNCE, event_id="e-1")
    assert suppressed() == []
    assert (ProviderEvent.objects.count(), ProviderEvent.objects.get().attempt) == (1, row)
    request = FeedbackRequest.objects.get()
    assert (request.bounced_at is not None, request.bounce_reason) == (True, "550 5.1.1 no such user")


@pytest.mark.parametrize(
    ("channel", "kind", "row", "binds_person"),
    [
        ("email", Kind.HARD_BOUNCE, ("email", "hard_bounce", "provider"), False),
        ("sms", Kind.HARD_BOUNCE, ("sms", "sms_failed", "provider"), False),
        ("email", Kind.COMPLAINED, ("email", "complaint", "recipient"), True),
        ("email", Kind.UNSUBSCRIBED, ("email", "unsubscribe", "recipient"), True),
        ("sms", Kind.STOPPED, ("sms", "stop", "recipient"), True),
    ],
)
def test_what_ends_writing_to_an_address(
    account: Account, channel: str, kind: Kind, row: tuple[str, str, str], binds_person: bool
):
    tell(sent(account, channel, provider="x"), kind)
    assert suppressed() == [row]
    assert (Suppression.objects.get().customer is not None) == binds_person


def test_three_soft_bounces_in_a_row_are_a_dead_address(account: Account):
    jane = somebody(account)
    for kind in (Kind.SOFT_BOUNCE, Kind.SOFT_BOUNCE, Kind.DELIVERED, Kind.SOFT_BOUNCE, Kind.SOFT_BOUNCE):
        tell(sent(account, "email", provider="smtp", customer=jane), kind)
        assert suppressed() == []
    tell(sent(account, "email", provider="smtp", customer=jane), Kind.SOFT_BOUNCE)
    assert suppressed() == [("email", "hard_bounce", "provider")]


def test_a_complaint_is_on_the_request_and_an_opening_moves_nothing_else(account: Account):
    row = sent(account, "email", provider="smtp")
    tell(row, Kind.OPENED)
    tell(row, Kind.COMPLAINED)
    request = FeedbackRequest.objects.get()
    assert (request.opened_at is not None, request.complained_at is not None, request.clicked_at) == (True, True, None)


def test_nobody_reports_about_another_providers_messages(account: Account):
    row = sent(account, "email", provider="smtp")
    assert tell(row, Kind.HARD_BOUNCE, provider="smtp@another")
    assert (state_of(row), suppressed(), ProviderEvent.objects.get().attempt) == ("accepted", [], None)


def test_unknown_messages_are_kept_and_change_nothing(account: Account):
    assert events.record(Event("smtp", "e-1", Kind.HARD_BOUNCE, attempt_id=uuid4()))
    assert events.record(Event("smtp", "e-2", Kind.HARD_BOUNCE, ref="nobody's"))
    assert (events.catch_up(), ProviderEvent.objects.count(), suppressed()) == (0, 2, [])


def test_an_event_that_came_before_the_name_of_its_message_is_applied_later(account: Account):
    row = attempted(account, "email", provider="anymail.postmark")
    events.record(Event("anymail.postmark", "e-1", Kind.DELIVERED, ref="m-7"))
    assert (events.catch_up(), state_of(row)) == (0, "leased")
    from campaigns.domain.sender import finish

    finish.accept(attempt_id=row.pk, outcome=base.accepted("m-7"))
    assert (events.catch_up(), state_of(row), events.catch_up()) == (1, "delivered", 0)


def test_an_attempt_that_was_refused_stays_refused(account: Account):
    row = attempted(account, "email", provider="smtp")
    SendAttempt.objects.filter(pk=row.pk).update(outcome="rejected")
    Message.objects.update(state="failed", lease_owner=None, lease_until=None)
    tell(row, Kind.DELIVERED)
    assert state_of(row) == "failed"
