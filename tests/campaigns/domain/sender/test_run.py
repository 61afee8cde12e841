"""A run of the sender, and what two at once may not do."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from campaigns import tasks
from campaigns.domain.sender import attempt, claim, run
from campaigns.models import Message, OutboxEntry, SendAttempt, SmsQuota
from campaigns.providers import base, registry
from campaigns.providers.base import Envelope
from crm.domain import suppressions
from crm.domain.locks import address_locks
from crm.models import Customer
from tests.campaigns.asking import Scripted, ask, make_due, message_of, somebody, template_of


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """One provider for both channels."""
    provider = Scripted()
    monkeypatch.setattr(registry, "for_channel", lambda _channel: provider)
    return provider


def in_threads(count: int, work: Any) -> list[Any]:
    """All at once, each with a connection of its own."""
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
class TestARun:
    def test_from_a_request_to_the_outbox(self, account: Account):
        mail, sms = ask(account), ask(account, "sms")
        ask(account, due=timezone.now() + timedelta(hours=1))
        tasks.send_due_messages()
        tasks.reap_lost_attempts()
        tasks.send_due_messages()
        entries = {entry.channel: entry for entry in OutboxEntry.objects.all()}
        assert entries.keys() == {"email", "sms"}
        for asked in (mail, sms):
            message, entry = message_of(asked), entries[asked.template.channel]
            assert (message.state, entry.address, entry.text_body) == ("accepted", message.address, message.text_body)
        assert (SmsQuota.objects.get().segments_used, SendAttempt.objects.count()) == (1, 2)

    def test_nothing_due_is_no_work(self, account: Account):
        assert run.run() == 0

    def test_an_unreachable_provider_ends_the_run_and_the_rest_waits(self, account: Account, scripted: Scripted):
        scripted.outcomes = [base.not_sent("refused", provider_down=True)]
        for _ in range(5):
            ask(account)
        assert run.run() == 1
        states = Message.objects.filter(state="scheduled", next_try_at__gt=Now()).count()
        assert (states, SendAttempt.objects.count()) == (5, 1)

    def test_a_dead_channel_does_not_delay_the_other(self, account: Account, monkeypatch: pytest.MonkeyPatch):
        dead, alive = Scripted([base.not_sent("refused", provider_down=True)]), Scripted()
        monkeypatch.setattr(registry, "for_channel", {"email": dead, "sms": alive}.__getitem__)
        for _ in range(30):
            ask(account)
        for _ in range(5):
            ask(account, "sms")
        assert run.run() == 6
        assert (len(dead.sent), len(alive.sent)) == (1, 5)

    def test_three_answers_in_a_row_that_prove_nothing_end_the_run(self, account: Account, scripted: Scripted):
        scripted.outcomes = [base.unknown("hang")] * 2 + [base.accepted()] + [base.unknown("hang")]
        for _ in range(20):
            ask(account)
        assert run.run() == 6
        assert Counter(Message.objects.values_list("state", flat=True)) == {
            "recon": 5,
            "accepted": 1,
            "scheduled": 14,
        }

    def test_a_refusal_of_one_does_not_stop_the_others(self, account: Account, scripted: Scripted):
        scripted.outcomes = [base.refused("no"), base.unknown("reset"), base.refused_for_now("busy"), base.accepted()]
        for _ in range(6):
            ask(account)
        assert run.run() == 6
        assert Counter(Message.objects.values_list("state", flat=True)) == {
            "accepted": 3,
            "failed": 1,
            "recon": 1,
            "scheduled": 1,
        }

    def test_time_over_gives_the_rest_back_at_once(self, account: Account, scripted: Scripted):
        for _ in range(3):
            ask(account)
        scripted.meanwhile = lambda _envelope: threading.Event().wait(0.2)
        assert run.run(seconds=0.1) == 1
        assert Message.objects.filter(state="scheduled", next_try_at__lte=Now()).count() == 2

    def test_an_unknown_call_is_repeated_where_the_provider_knows_keys(self, account: Account, scripted: Scripted):
        scripted.remembers = timedelta(hours=24)
        scripted.outcomes = [base.unknown("reset"), base.accepted("ref")]
        message = message_of(ask(account))
        assert run.run() == 1
        make_due(message)
        assert run.run() == 1
        assert [sent.idem_key for sent in scripted.sent] == [f"{message.pk}:1"] * 2
        assert message_of(message.feedback_request).state == "accepted"

    def test_a_provider_that_raises_leaves_the_attempt_for_the_reaper(self, account: Account, scripted: Scripted):
        def crash(_envelope: Envelope) -> None:
            raise RuntimeError

        scripted.meanwhile = crash
        ask(account)
        with pytest.raises(RuntimeError):
            run.run()
        assert SendAttempt.objects.get().outcome == "started"
        assert Message.objects.get().state == "leased"

    def test_a_commit_in_doubt_is_taken_back_and_sent_later_once(
        self, account: Account, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ):
        """The row is there, but the acknowledgement was lost."""
        begin = attempt.begin

        def lost(**given: Any) -> None:
            begin(**given)
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(attempt, "begin", lost)
        message = message_of(ask(account, "sms"))
        assert run.run(seconds=0.5) == 0
        assert scripted.sent == []
        assert set(SendAttempt.objects.values_list("outcome", flat=True)) == {"not_sent"}
        monkeypatch.setattr(attempt, "begin", begin)
        assert run.run() == 1
        assert len(scripted.sent) == 1
        assert message_of(message.feedback_request).state == "accepted"
        assert SmsQuota.objects.get().segments_used == 1


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_senders_send_each_of_eighty_once(self, account: Account, scripted: Scripted):
        template_of(account, "email")
        with transaction.atomic():
            asked = [ask(account) for _ in range(80)]
        calls = in_threads(2, lambda _: run.run())
        assert sum(calls) == 80
        assert min(calls) > 0
        sent = Counter(envelope.message_id for envelope in scripted.sent)
        assert sent == {message_of(one).pk: 1 for one in asked}
        assert set(Message.objects.values_list("state", flat=True)) == {"accepted"}

    def test_sixteen_senders_spend_an_allowance_of_fifty_exactly(
        self, account: Account, scripted: Scripted, settings: Settings
    ):
        # Their numbers are in a row.
        settings.SMS_BLOCK_LIMIT = 0
        Account.objects.update(sms_allowance=50)
        template_of(account, "sms")
        with transaction.atomic():
            for number in range(70):
                # Some take two segments, so that the last one need not fit.
                ask(account, "sms", customer=somebody(account, fname="A" * 60 if number % 7 == 0 else "Jane"))
        Account.objects.update(name="Alice's Bakery")
        assert set(Message.objects.values_list("sms_segments", flat=True)) == {1, 2}
        in_threads(16, lambda _: run.run())
        sent = Message.objects.filter(state="accepted").aggregate(used=Sum("sms_segments"))["used"]
        assert (sent, SmsQuota.objects.get().segments_used) == (50, 50)
        held = Message.objects.exclude(state="accepted")
        assert set(held.values_list("state", "reason")) == {("scheduled", "The month's SMS allowance is used up.")}
        assert held.filter(next_try_at__lte=Now()).count() == 0

    def test_a_stop_that_committed_first_always_wins(self, account: Account, scripted: Scripted):
        """Who stops is racing the claim and the attempt; what was sent was permitted before the STOP was."""
        template_of(account, "sms")
        people = [somebody(account) for _ in range(30)]
        with transaction.atomic():
            for person in people:
                ask(account, "sms", customer=person)

        def work(number: int) -> None:
            if number == 0:
                run.run()
                return
            for person in people[number::2]:
                _stop(person)

        in_threads(2, work)
        run.run()
        for person in people[1::2]:
            message = Message.objects.get(customer=person)
            row = SendAttempt.objects.filter(message=message).first()
            stopped = person.suppressions.get()
            assert message.state in ("accepted", "suppressed")
            if row is not None:
                # Its attempt's transaction began before the STOP's took the lock, or it would have seen it.
                assert row.started_at <= stopped.created_at + timedelta(milliseconds=200)
        assert set(Message.objects.filter(customer__in=people[0::2]).values_list("state", flat=True)) == {"accepted"}

    def test_an_attempt_waits_for_a_stop_that_is_about_to_commit(self, account: Account, scripted: Scripted):
        asked = ask(account, "sms")
        holding = threading.Event()

        def work(number: int) -> int:
            if number == 0:
                with transaction.atomic():
                    _stop(asked.customer)
                    holding.set()
                    threading.Event().wait(0.3)
                return 0
            holding.wait(5)
            return int(attempt.begin(lease=lease, provider=scripted) is not None)

        [lease] = claim.due(owner="me")
        assert in_threads(2, work) == [0, 0]
        assert SendAttempt.objects.count() == 0

    def test_a_stop_waits_for_an_attempt_of_the_same_address_only(self, account: Account, scripted: Scripted):
        """The lock is by address: while one attempt is being decided, a STOP of another number goes through."""
        asked, other = ask(account, "sms"), somebody(account)
        order: list[str] = []

        def work(number: int) -> None:
            if number == 0:
                with transaction.atomic():
                    address_locks(account, [message_of(asked).address])
                    holding.set()
                    done.wait(5)
                    order.append("attempt")
                return
            holding.wait(5)
            _stop(other)
            order.append("other stop")
            done.set()
            _stop(asked.customer)
            order.append("same stop")

        holding, done = threading.Event(), threading.Event()
        in_threads(2, work)
        assert order == ["other stop", "attempt", "same stop"]


def _stop(person: Customer) -> None:
    suppressions.suppress(
        account=person.account,
        channel="sms",
        reason="stop",
        source="recipient",
        address=person.mobile_number or "",
        customer=person,
    )
