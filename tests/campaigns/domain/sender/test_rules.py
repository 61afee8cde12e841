"""Hours, pauses, countries and stopped numbers, at the moment of sending."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import hours, rules
from campaigns.domain.sender import attempt, claim, subjects
from campaigns.models import Message, ProviderEvent, SendAttempt, SenderStop, SendingRules
from feedbackhub.errors import Invalid
from tests.campaigns.asking import Scripted, ask, message_of, somebody
from tests.campaigns.campaigning import asked, entered, go, running
from tests.campaigns.sent import sent
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

# Before tests/campaigns/conftest.py makes every hour a decent one.
REALLY = hours.held_until


def give(account: Account, **changes: Any) -> SendingRules:
    return rules.save(account=account, changes=changes, actor=SYSTEM)


def tried(message: Message, sender: str = "") -> tuple[str, str]:
    """The message's state and reason after one attempt to send it."""
    claim.release(owner="test")
    Message.objects.filter(pk=message.pk).update(next_try_at=Now())
    leases = [lease for lease in claim.due(owner="test") if lease.message_id == message.pk]
    provider = Scripted()
    provider.sender = sender  # type: ignore[attr-defined]
    if attempt.begin(lease=leases[0], provider=provider) is not None:
        return "granted", ""
    message.refresh_from_db()
    return message.state, message.reason


def night(monkeypatch: pytest.MonkeyPatch, *, ends_in: timedelta) -> None:
    monkeypatch.setattr(hours, "held_until", REALLY)
    monkeypatch.setattr(hours, "opens", lambda moment, **_: max(moment, timezone.now() + ends_in))


class TestBlocks:
    """Numbers in a row: whoever earns by being written to."""

    def test_a_thousand_neighbouring_numbers_are_held_back(self, account: Account, settings: Settings):
        settings.SMS_BLOCK_LIMIT = 3
        found = [self.tried(account, f"+1212555{number:04}") for number in range(5)]
        assert found[:3] == [("granted", "")] * 3
        reason = "3 SMS went to numbers that begin with +12125550 within a day: see who adds them."
        assert found[3:] == [("scheduled", reason)] * 2
        # The next block, and mail, are another matter.
        assert self.tried(account, "+12125551000") == ("granted", "")
        assert tried(message_of(ask(account, "email"))) == ("granted", "")

    def test_a_day_later_and_for_another_account_it_counts_anew(
        self, account: Account, other_account: Account, settings: Settings
    ):
        settings.SMS_BLOCK_LIMIT = 1
        assert self.tried(account, "+12125550001") == ("granted", "")
        assert self.tried(account, "+12125550002")[0] == "scheduled"
        assert self.tried(other_account, "+12125550002") == ("granted", "")
        SendAttempt.objects.update(started_at=Now() - timedelta(hours=25))
        assert self.tried(account, "+12125550003") == ("granted", "")

    def test_zero_is_no_limit_and_asks_nothing(
        self, account: Account, settings: Settings, django_assert_num_queries: Any
    ):
        settings.SMS_BLOCK_LIMIT = 0
        assert [self.tried(account, f"+1212555{number:04}")[0] for number in range(3)] == ["granted"] * 3
        message = Message.objects.select_related("account__sending_rules").last()
        assert message is not None
        with django_assert_num_queries(1):
            subjects.load([message], now=timezone.now())

    def tried(self, account: Account, number: str) -> tuple[str, str]:
        return tried(message_of(ask(account, "sms", customer=somebody(account, mobile_number=number))))


class TestHours:
    def test_a_campaigns_message_waits_for_the_morning_and_does_not_expire_over_night(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ):
        enrolment = entered(running(account, [("email", 0)]))
        go()
        message = Message.objects.get(feedback_request__enrolment=enrolment)
        night(monkeypatch, ends_in=timedelta(hours=13))
        state, reason = tried(message)
        assert (state, reason.startswith("It is no time to write where the person is")) == ("scheduled", True)
        assert message.next_try_at - timezone.now() > timedelta(hours=12, minutes=59)
        assert message.not_after - message.next_try_at > timedelta(hours=11, minutes=59)
        last = message.not_after
        tried(message)
        assert abs(message.not_after - last) < timedelta(seconds=10)

    def test_a_single_request_goes_when_its_caller_says_unless_the_account_wants_otherwise(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ):
        night(monkeypatch, ends_in=timedelta(hours=3))
        assert tried(message_of(ask(account)))[0] == "granted"
        give(account, hold_stand_alone=True)
        assert tried(message_of(ask(account)))[0] == "scheduled"


class TestPauses:
    def test_whoever_was_asked_is_not_asked_again_by_a_campaign(self, account: Account):
        jane = somebody(account)
        before = sent(account, "sms", provider="x", customer=jane)
        run = entered(running(account, [("email", 0)]), jane)
        go()
        message = Message.objects.get(feedback_request__enrolment=run)
        assert tried(message) == ("scheduled", "The person was written to within the last 24 hours.")
        type(before).objects.update(started_at=timezone.now() - timedelta(days=29))
        assert tried(message) == ("scheduled", "The person was asked within the last 30 days.")
        type(before).objects.update(started_at=timezone.now() - timedelta(days=31))
        assert tried(message)[0] == "granted"

    def test_reminders_of_the_same_run_only_keep_a_day_apart(self, account: Account):
        run = entered(running(account, [("email", 0), ("email", 0)]))
        go()
        first, second = Message.objects.filter(feedback_request__enrolment=run).order_by("pk")
        assert tried(first)[0] == "granted"
        assert tried(second) == ("scheduled", "The person was written to within the last 24 hours.")
        first.attempts.update(started_at=timezone.now() - timedelta(hours=25))
        assert tried(second)[0] == "granted"
        assert len(asked(run)) == 2

    def test_what_was_asked_for_one_by_one_is_never_held_back_and_counts(self, account: Account):
        jane = somebody(account)
        sent(account, "email", provider="x", customer=jane)
        assert tried(message_of(ask(account, "sms", customer=jane)))[0] == "granted"

    def test_two_campaigns_at_the_same_moment_send_one(self, account: Account):
        """Their addresses differ, so the lock of an address would not do."""
        people = [somebody(account) for _ in range(6)]
        for channel in ("email", "sms"):
            campaign = running(account, [(channel, 0)])
            for person in people:
                entered(campaign, person)
        go()
        leases = claim.due(owner="both")
        assert len(leases) == 12

        def work(number: int) -> int:
            mine = [lease for lease in leases if lease.channel == ("email", "sms")[number]]
            order = {person.pk: at for at, person in enumerate(people)}
            mine.sort(key=lambda lease: order[lease.customer_id])
            return sum(attempt.begin(lease=lease, provider=Scripted()) is not None for lease in mine)

        assert sum(at_once(2, work)) == 6  # type: ignore[arg-type]
        states = Counter(Message.objects.values_list("customer", "state"))
        assert all(states[person.pk, "leased"] == states[person.pk, "scheduled"] == 1 for person in people)


class TestNumbers:
    def test_only_countries_that_the_account_allows(self, account: Account):
        give(account, sms_countries=["at", "us"])
        allowed, foreign = somebody(account), somebody(account, mobile_number="+447400123456")
        assert tried(message_of(ask(account, "sms", customer=allowed)))[0] == "granted"
        assert tried(message_of(ask(account, "sms", customer=foreign))) == (
            "cancelled",
            "SMS to GB are not allowed by the account's rules.",
        )
        assert tried(message_of(ask(account, "email", customer=foreign)))[0] == "granted"

    def test_no_premium_numbers(self, account: Account):
        rich = somebody(account, mobile_number="+449098790123")
        state, reason = tried(message_of(ask(account, "sms", customer=rich)))
        assert (state, reason) == ("failed", "+449098790123 is a number that costs whoever writes to it.")

    def test_a_number_of_ours_that_somebody_stopped_is_stopped_for_whoever_comes_later(self, account: Account):
        event = ProviderEvent.objects.create(provider="twilio", event_id="e", kind="incoming")
        jane = somebody(account)
        SenderStop.objects.create(sender="+15005550006", address=jane.mobile_number, event=event)
        message = message_of(ask(account, "sms", customer=jane))
        assert tried(message, sender="+15005550006")[0] == "suppressed"
        other = message_of(ask(account, "sms", customer=jane))
        assert tried(other, sender="+15005550007")[0] == "granted"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day_start": time(20), "day_end": time(9)}, "day_end"),
        ({"days_between": 400}, "days_between"),
        ({"holidays": "XX"}, "holidays"),
        ({"holidays": "AT-ZZ"}, "holidays"),
        ({"sms_countries": ["UK"]}, "sms_countries"),
        ({"sms_countries": "US"}, "sms_countries"),
        ({"opt_out_scope": "some"}, "opt_out_scope"),
    ],
)
def test_rules_that_make_no_sense_are_refused(account: Account, changes: dict[str, Any], field: str):
    with pytest.raises(Invalid) as caught:
        give(account, **changes)
    assert [problem.name for problem in caught.value.problems] == [field]
    assert not SendingRules.objects.exists()


def test_rules_are_kept_tidy(account: Account):
    saved = give(account, holidays=" us-ca ", sms_countries=["us", "AT", "US"])
    assert (saved.holidays, saved.sms_countries) == ("US-CA", ["AT", "US"])
