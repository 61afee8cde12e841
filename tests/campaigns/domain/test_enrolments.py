"""Who enters a campaign, when, and what takes them out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.domain.actors import SYSTEM, Actor
from accounts.models import Account
from campaigns.domain import campaigns, enrolments, landing
from campaigns.models import Campaign, Enrolment, FeedbackRequest, Message
from crm.domain import customers, suppressions
from crm.models import Customer, CustomerLocation, Location
from feedbackhub.errors import Refused
from reviews.domain import reviews
from reviews.models import Platform
from tests.campaigns.asking import location_of, somebody
from tests.campaigns.campaigning import asked, drafted, entered, go, running

pytestmark = pytest.mark.django_db

KEY = Actor("key", "k")


def add(account: Account, **fields: Any) -> Customer:
    given = {"email": "jane@example.com", "mobile_number": "+12012000000", **fields}
    return customers.upsert(account=account, fields=given, locations=[location_of(account)], actor=KEY)  # type: ignore[arg-type]


def test_people_enter_as_they_are_added(account: Account):
    campaign = running(account)
    jane = add(account)
    [run] = Enrolment.objects.all()
    assert (run.campaign, run.customer, run.location, run.entry) == (campaign, jane, location_of(account), 1)
    assert (run.entered_by, run.state, run.next_step.position) == ("added", "active", 1)
    assert run.next_at == run.entered_at


@pytest.mark.parametrize(
    "prevented",
    [
        lambda campaign: Campaign.objects.update(enters_on_add=False),
        lambda campaign: campaigns.cancel(campaign=campaign, actor=SYSTEM),
        lambda campaign: campaign.locations.set([Location.objects.create(account=campaign.account, name="Elsewhere")]),
    ],
)
def test_nobody_enters_what_is_not_open_for_them(account: Account, prevented: Any):
    prevented(running(account))
    add(account)
    assert not Enrolment.objects.exists()


def test_nobody_enters_another_accounts_campaign(account: Account, other_account: Account):
    campaign = running(other_account)
    add(account)
    assert not Enrolment.objects.exists()
    with pytest.raises(Refused):
        enrolments.enrol(campaign=campaign, customer=somebody(other_account), location=location_of(account), actor=KEY)


def test_being_added_again_never_re_enters_a_finished_campaign(account: Account):
    """Not after a change, not after a delete, and not after the time in which re-entering is open."""
    running(account, (("sms", 0),), reentry_days=1)
    jane = add(account)
    go()
    assert Enrolment.objects.get().state == "completed"
    add(account, fname="Jane")
    customers.delete(customer=jane, actor=KEY)
    assert add(account) == jane
    Enrolment.objects.update(entered_at=Now() - timedelta(days=400))
    add(account)
    go()
    assert (Enrolment.objects.count(), FeedbackRequest.objects.count()) == (1, 1)


def test_a_deleted_customer_leaves_and_does_not_come_back_in(account: Account):
    running(account)
    jane = add(account)
    go()
    customers.delete(customer=jane, actor=KEY)
    run = Enrolment.objects.get()
    assert (run.state, run.why_ended) == ("left", "The customer was deleted.")
    assert asked(run) == [(1, "sms", "cancelled")]
    add(account)
    assert go() == 0


def test_entering_again_is_open_after_the_time_and_only_by_hand_or_api(account: Account):
    campaign = running(account, (("sms", 0),), reentry_days=180)
    jane = somebody(account)
    first = entered(campaign, jane)
    assert entered(campaign, jane) == first
    go()
    with pytest.raises(Refused, match="may enter again from") as refused:
        entered(campaign, jane)
    again = first.entered_at + timedelta(days=180)
    assert refused.value.details == {"next_eligible_at": again.isoformat()}
    Enrolment.objects.update(entered_at=Now() - timedelta(days=181))
    second = entered(campaign, jane)
    assert second.entry == 2
    go()
    # The same step to the same address: another run, so another message.
    assert (asked(first), asked(second)) == ([(1, "sms", "scheduled")], [(1, "sms", "scheduled")])


def test_without_a_time_nobody_enters_twice(account: Account):
    campaign = running(account, (("sms", 0),), reentry_days=None)
    jane = somebody(account)
    entered(campaign, jane)
    go()
    Enrolment.objects.update(entered_at=Now() - timedelta(days=4000))
    with pytest.raises(Refused, match="nobody enters it twice"):
        entered(campaign, jane)


def test_one_live_enrolment_whatever_the_code_does(account: Account):
    run = entered(running(account))
    with pytest.raises(IntegrityError, match="one_live_enrolment"), transaction.atomic():
        Enrolment.objects.create(
            account=account,
            campaign=run.campaign,
            customer=run.customer,
            location=run.location,
            entry=2,
            entered_by="caller",
            entered_at=timezone.now(),
            next_step=run.next_step,
            next_at=timezone.now(),
        )


def test_drafts_and_what_is_over_take_nobody(account: Account):
    draft = drafted(account)
    with pytest.raises(Refused, match="not been launched"):
        entered(draft)
    over = running(account)
    campaigns.cancel(campaign=over, actor=SYSTEM)
    with pytest.raises(Refused, match="is over"):
        entered(over)


@pytest.mark.parametrize(
    ("goal", "state", "left"), [("answer", "reached", "cancelled"), ("review", "active", "scheduled")]
)
def test_an_answer_ends_the_sequence_where_it_is_the_goal(account: Account, goal: str, state: str, left: str):
    run = entered(running(account, (("sms", 0), ("email", 0)), goal=goal))
    go()
    [first, second] = FeedbackRequest.objects.order_by("pk")
    Enrolment.objects.filter(pk=run.pk).update(
        state="active", next_step=first.campaign_step, next_at=Now(), ended_at=None
    )
    landing.answer(token=first.landing_token, score=9)
    run.refresh_from_db()
    assert (run.state, Message.objects.get(pk=second.message.pk).state) == (state, left)
    landing.answer(token=first.landing_token, score=3)


def test_who_answers_after_the_last_step_has_answered(account: Account):
    run = entered(running(account, (("sms", 0),)))
    go()
    landing.answer(token=FeedbackRequest.objects.get().landing_token, score=9)
    run.refresh_from_db()
    assert (run.state, run.why_ended) == ("reached", "They answered.")


@pytest.mark.parametrize(
    ("name", "state"),
    [("jane DOE", "reached"), ("Jane D.", "reached"), ("Jane", "active"), ("John Doe", "active"), (None, "active")],
)
def test_a_review_found_ends_the_sequence_where_it_is_the_goal(account: Account, name: str | None, state: str):
    campaign = running(account, goal="review")
    run = entered(campaign, somebody(account, sname="Doe"))
    draft = reviews.ReviewDraft(
        platform=Platform.objects.create(slug="site", name="Site"), rating=5, reviewer_name=name
    )
    reviews.create(account=account, location=location_of(account), draft=draft, actor=SYSTEM)
    run.refresh_from_db()
    assert run.state == state


def test_whoever_wants_nothing_leaves_and_who_shut_one_channel_goes_on(account: Account):
    campaign = running(account)
    one, other = entered(campaign), entered(campaign)
    suppressions.suppress(
        account=account, channel="sms", reason="stop", source="recipient", address=other.customer.mobile_number or ""
    )
    customers.update(customer=one.customer, fields={"opt_out": True}, actor=KEY)
    for run in (one, other):
        run.refresh_from_db()
    assert (one.state, other.state) == ("left", "active")


def test_an_audience_enters_in_chunks_that_go_on_where_they_stopped(account: Account, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(enrolments, "CHUNK", 2)
    people = [somebody(account, country_code="AT") for _ in range(3)]
    somebody(account, country_code="DE")
    nowhere = somebody(account, country_code="AT")
    CustomerLocation.objects.filter(customer=nowhere).delete()
    campaign = running(account, kind="one-off", audience={"kind": "filter", "country_code": "at"})
    campaign.refresh_from_db()
    assert enrolments.expand(campaign=campaign) == 2
    # A worker died before its commit and another one does the same again: nobody is in it twice.
    Campaign.objects.update(expanded_to=0)
    go()
    campaign.refresh_from_db()
    assert {run.customer_id for run in Enrolment.objects.all()} == {person.pk for person in people}
    assert campaign.expanded_at is not None
    assert [asked(run) for run in Enrolment.objects.all()] == [[(1, "sms", "scheduled")]] * 3


def test_a_list_names_people_by_id_address_or_number(account: Account, other_account: Account):
    a, b, c = (somebody(account) for _ in range(3))
    stranger = somebody(other_account)
    somebody(account)
    people = [a.public_id, (b.email or "").upper(), c.mobile_number, stranger.public_id, "nobody@example.com"]
    running(account, kind="one-off", audience={"kind": "list", "people": people})
    go()
    assert {run.customer_id for run in Enrolment.objects.all()} == {a.pk, b.pk, c.pk}


def test_a_one_off_campaign_is_over_when_everybody_is_through(account: Account):
    somebody(account)
    campaign = running(account, (("sms", 0),), kind="one-off", audience={"kind": "filter"})
    go()
    campaign.refresh_from_db()
    assert campaign.state == "running"
    Message.objects.update(state="accepted")
    go()
    campaign.refresh_from_db()
    assert campaign.state == "ended"
