"""Two rows of one person in one campaign: never a second send."""

from __future__ import annotations

import pytest

from accounts.domain.actors import SYSTEM
from campaigns.domain import cancelling, enrolments
from campaigns.models import Enrolment, FeedbackRequest, Message
from crm.domain.merging import plan, undo
from feedbackhub.errors import Refused
from tests.campaigns.asking import ask, message_of, somebody
from tests.campaigns.campaigning import days_pass, entered, go, hurry, running
from tests.crm.merging import facts, merge

pytestmark = pytest.mark.django_db


def state(run: Enrolment) -> tuple[str, str]:
    run.refresh_from_db()
    return run.state, run.why_ended


def test_of_two_runs_one_goes_on_and_nobody_is_asked_twice(account):
    campaign = running(account)
    mia, twin = somebody(account), somebody(account)
    mine, theirs = entered(campaign, mia), entered(campaign, twin)
    go()
    merge(mia, twin)
    assert state(theirs) == ("left", "They are in it twice.")
    assert state(mine) == ("active", "")
    # What waited for the other is not sent.
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "scheduled"]
    days_pass(4)
    hurry()
    go()
    assert FeedbackRequest.objects.filter(campaign_step__position=2).count() == 1


def test_who_was_asked_as_the_other_is_not_asked_again(account):
    campaign = running(account)
    mia, twin = somebody(account), somebody(account)
    theirs = entered(campaign, twin)
    go()
    mine = entered(campaign, mia)
    merge(mia, twin)
    assert (state(mine)[0], state(theirs)[0]) == ("left", "left")
    hurry()
    go()
    assert FeedbackRequest.objects.count() == 1


def test_who_answered_as_the_other_is_not_asked_again(account):
    campaign = running(account)
    mia, twin = somebody(account), somebody(account)
    mine, theirs = entered(campaign, mia), entered(campaign, twin)
    cancelling.take_out(Enrolment.objects.filter(pk=theirs.pk), why="They answered.", state="reached")
    merge(mia, twin)
    assert state(mine) == ("left", "They have reached its goal already.")


def test_a_run_that_only_the_other_has_goes_on_as_the_one_who_stays(account):
    campaign = running(account)
    mia, twin = somebody(account), somebody(account)
    run = entered(campaign, twin)
    merge(mia, twin)
    assert (state(run), run.customer_id) == (("active", ""), mia.pk)
    go()
    assert Message.objects.get().customer_id == mia.pk


def test_re_entry_counts_from_the_last_of_both(account):
    campaign = running(account, reentry_days=180)
    mia, twin = somebody(account), somebody(account)
    cancelling.take_out(Enrolment.objects.filter(pk=entered(campaign, mia).pk), why="By hand.")
    days_pass(200)
    entered(campaign, twin)
    merge(mia, twin)
    with pytest.raises(Refused, match="may enter again from"):
        enrolments.enrol(campaign=campaign, customer=mia, actor=SYSTEM)
    days_pass(181)
    assert entered(campaign, mia).entry == 3


def test_requests_and_their_messages_move_with_the_frozen_address(account):
    request = ask(account)
    address, twin = message_of(request).address, request.customer
    mia = somebody(account)
    merge(mia, twin)
    request.refresh_from_db()
    message = message_of(request)
    assert (request.customer_id, message.customer_id, message.address) == (mia.pk, mia.pk, address)


def test_undoing_brings_runs_and_messages_back(account):
    campaign = running(account)
    mia, twin, third = somebody(account), somebody(account), somebody(account)
    entered(campaign, mia), entered(campaign, twin), entered(campaign, third)
    go()
    before = facts()
    record = merge(mia, twin)
    undo.undo(record=record, actor=SYSTEM)
    assert facts() == before
    # One whose run went along and ended there comes back whole as well.
    other = running(account)
    entered(other, twin)
    before = facts()
    undo.undo(record=merge(mia, twin), actor=SYSTEM)
    assert facts() == before


def test_the_plan_names_the_runs_that_end(account):
    campaign = running(account)
    mia, twin = somebody(account, fname="Mia"), somebody(account, fname="Twin")
    entered(campaign, mia), entered(campaign, twin)
    assert plan.of(winner=mia, loser=twin).notes == ["Twin leaves “After a visit”. They are in it twice."]
    assert Enrolment.objects.filter(state="active").count() == 2
