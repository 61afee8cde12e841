"""People go through their campaigns: each step once, at its time, or with the reason why not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import advance, campaigns, landing, requests
from campaigns.domain.sender import attempt, claim
from campaigns.models import Decision, Enrolment, FeedbackRequest, Message
from crm.domain import suppressions
from tests.campaigns.asking import Scripted, location_of, make_due, somebody
from tests.campaigns.campaigning import SEQUENCE, asked, days_pass, entered, go, hurry, running
from tests.threads import at_once


@pytest.mark.django_db
def test_sms_now_mail_on_the_third_day_sms_on_the_seventh(account: Account):
    run = entered(running(account))
    go()
    assert asked(run) == [(1, "sms", "scheduled")]
    days_pass(2.9)
    go()
    assert len(asked(run)) == 1
    days_pass(0.1)
    go()
    days_pass(4)
    go()
    assert asked(run) == [(1, "sms", "scheduled"), (2, "email", "scheduled"), (3, "sms", "scheduled")]
    run.refresh_from_db()
    assert (run.state, run.why_ended, run.next_at) == ("completed", "", None)
    [first, *_] = FeedbackRequest.objects.order_by("pk")
    message = Message.objects.get(feedback_request=first)
    assert (message.campaign_step, message.campaign_entry) == (first.campaign_step, 1)
    assert message.not_after - message.due_at == timedelta(hours=24)


@pytest.mark.django_db
def test_an_answer_to_the_first_stops_the_rest(account: Account):
    run = entered(running(account))
    go()
    landing.answer(token=FeedbackRequest.objects.get().landing_token, score=2)
    days_pass(10)
    go()
    assert asked(run) == [(1, "sms", "cancelled")]


@pytest.mark.django_db
def test_what_was_missed_is_not_sent_at_once(account: Account):
    """A hub that was down for ten days: the second step, and four days later the third."""
    run = entered(running(account))
    go()
    days_pass(10)
    go()
    assert [position for position, _, _ in asked(run)] == [1, 2]
    run.refresh_from_db()
    assert run.next_at is not None
    assert timedelta(days=3.9) < run.next_at - timezone.now() <= timedelta(days=4)


@pytest.mark.django_db
def test_a_step_that_cannot_be_sent_is_passed_over_and_says_why(account: Account):
    """No e-mail address, then a STOP by SMS: every gate's word is kept with the step."""
    run = entered(running(account), somebody(account, email=None))
    go()
    days_pass(3)
    go()
    suppressions.suppress(
        account=account, channel="sms", reason="stop", source="recipient", address=run.customer.mobile_number or ""
    )
    days_pass(4)
    go()
    assert [position for position, _, _ in asked(run)] == [1]
    found = Decision.objects.filter(enrolment=run).order_by("step__position")
    assert [(row.step.position, row.gate, row.next_eligible_at) for row in found] == [
        (2, "has_address", None),
        (3, "not_suppressed", None),
    ]
    against = [each for each in found[1].verdicts if not each["allowed"]]
    assert against == [
        {
            "gate": "not_suppressed",
            "rule": "The customer may be contacted on this channel.",
            "allowed": False,
            "detail": "Do not contact: Stop (Recipient).",
            "next_eligible_at": None,
        }
    ]
    run.refresh_from_db()
    assert run.state == "completed"


@pytest.mark.django_db
def test_two_people_with_one_address_get_one_message_a_step(account: Account):
    campaign = running(account, (("email", 0),))
    one = entered(campaign, somebody(account, email="Shared@example.com"))
    go()
    one.customer.email = "moved@example.com"
    one.customer.save()
    other = entered(campaign, somebody(account, email="shared@example.com"))
    go()
    assert (len(asked(one)), asked(other)) == (1, [])
    [row] = Decision.objects.filter(enrolment=other)
    assert (row.gate, row.verdicts[0]["detail"]) == (
        "once_a_step",
        "This step has written to the same person or address before.",
    )


@pytest.mark.django_db
def test_a_step_waits_for_its_window_where_the_person_is(account: Account):
    with time_machine.travel(datetime(2026, 6, 5, 23, 30, tzinfo=UTC), tick=False):
        step = {"window_start": time(9), "window_end": time(17), "weekdays": 0b0011111}
        campaign = running(account, (("sms", 0),), step=step)
        run = entered(campaign, somebody(account, time_zone="Asia/Tokyo"))
    # Saturday morning in Tokyo: Monday, 9:00 there.
    assert run.next_at == datetime(2026, 6, 8, 0, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_message_that_was_held_up_waits_for_the_window_again(account: Account):
    campaign = running(account, (("sms", 0),))
    entered(campaign)
    go()
    now = timezone.now()
    shut = (now + timedelta(hours=2)).time().replace(microsecond=0)
    end = time(23, 59, 59)
    if shut >= end or shut < now.time():
        shut, end = time(0, 0), time(0, 1)
    campaign.steps.update(window_start=shut, window_end=end)
    [lease] = claim.due(owner="me")
    assert attempt.begin(lease=lease, provider=Scripted()) is None
    message = Message.objects.get()
    assert (message.state, message.next_try_at > now + timedelta(minutes=30)) == ("scheduled", True)
    assert message.reason.startswith("The step's send window opens at")


@pytest.mark.django_db
def test_the_ledger_has_one_row_a_reason(account: Account):
    campaign = running(account, (("sms", 0),))
    entered(campaign)
    go()
    message = Message.objects.get()
    Account.objects.update(sms_allowance=0)
    for _ in range(2):
        make_due(message)
        [lease] = claim.due(owner="me")
        attempt.begin(lease=lease, provider=Scripted())
    Account.objects.update(sms_allowance=None)
    make_due(message)
    [lease] = claim.due(owner="me")
    assert attempt.begin(lease=lease, provider=Scripted()) is not None
    rows = Decision.objects.filter(message=message).order_by("pk")
    assert [(row.gate, row.times, row.allowed) for row in rows] == [("sms_allowance", 2, False), ("", 1, True)]
    waited, went = rows
    assert waited.next_eligible_at is not None
    assert {each["allowed"] for each in went.verdicts} == {True}
    assert [each["gate"] for each in went.verdicts][-1] == "sms_allowance"


@pytest.mark.django_db
def test_mail_without_a_postal_address_waits(account: Account):
    run = entered(running(account, (("email", 0),)))
    Account.objects.update(postal_address="")
    go()
    assert asked(run) == []
    Account.objects.update(postal_address="1 Main Street")
    hurry()
    go()
    assert asked(run) == [(1, "email", "scheduled")]


@pytest.mark.django_db
def test_one_whose_step_fails_holds_up_nobody(account: Account, monkeypatch: pytest.MonkeyPatch):
    campaign = running(account)
    unlucky, other = entered(campaign), entered(campaign)
    made = requests.create_for_step

    def fails_once(**given: Any) -> FeedbackRequest:
        if given["enrolment"].pk == unlucky.pk:
            raise RuntimeError("a bug")
        return made(**given)

    monkeypatch.setattr(requests, "create_for_step", fails_once)
    go()
    assert (asked(unlucky), asked(other)) == ([], [(1, "sms", "scheduled")])
    unlucky.refresh_from_db()
    assert unlucky.next_at is not None
    assert unlucky.next_at > timezone.now() + timedelta(minutes=10)


@pytest.mark.django_db
def test_a_big_account_does_not_delay_a_small_one(
    account: Account, other_account: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(advance, "BATCH", 4)
    big, small = running(account), running(other_account)
    for _ in range(6):
        entered(big)
    late = entered(small)
    advance.advance_some()
    assert asked(late) == [(1, "sms", "scheduled")]
    assert FeedbackRequest.objects.filter(account=account).count() == 2


@pytest.mark.django_db
def test_a_batch_costs_the_same_to_look_up_for_one_as_for_three(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
):
    campaign = running(account)
    for number in (1, 3):
        people = [entered(campaign) for _ in range(number)]
        go()
        # Looked at again and nothing due: one write each.
        hurry()
        Enrolment.objects.exclude(pk__in=[each.pk for each in people]).delete()
        with django_assert_num_queries(7 + 3 * number):
            advance.advance_some()
        Enrolment.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_make_each_message_once():
    account = Account.objects.create(name="Alice's Bakery", postal_address="1 Main Street")
    location_of(account)
    campaign = running(account, SEQUENCE)
    runs = [entered(campaign) for _ in range(5)]
    at_once(4, lambda _: advance.run())
    assert [asked(run) for run in runs] == [[(1, "sms", "scheduled")]] * 5
    # And once more as if the run's own row had been lost.
    Enrolment.objects.update(state="active", last_step_at=None)
    hurry()
    at_once(4, lambda _: advance.run())
    assert [len(asked(run)) for run in runs] == [1] * 5
    campaigns.cancel(campaign=campaign, actor=SYSTEM)
