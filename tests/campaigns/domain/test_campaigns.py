"""Campaigns: made, changed, launched, paused, resumed, cancelled."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.domain import accounts
from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import campaigns, templates
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.sender import attempt, claim
from campaigns.domain.steps import StepDraft, draft_of
from campaigns.models import Campaign, Enrolment, Message, Step
from crm.domain import locations
from feedbackhub.errors import Invalid, LimitReached, NotFound, Refused
from tests.campaigns.asking import Scripted, location_of, make_due, template_of
from tests.campaigns.campaigning import asked, days_pass, drafted, drafts, entered, go, running

pytestmark = pytest.mark.django_db


def fields_at_fault(error: Any) -> list[str]:
    return [problem.name for problem in error.value.problems]


def test_a_draft_has_its_steps_in_their_order(account: Account):
    campaign = drafted(account)
    found = [(step.position, step.template.channel, step.delay_days) for step in queries.steps_of(campaign)]
    assert found == [(1, "sms", 0), (2, "email", 3), (3, "sms", 7)]
    assert (campaign.state, campaign.reentry_days, campaign.goal) == ("draft", 180, "answer")


@pytest.mark.parametrize(
    ("fields", "step", "at_fault"),
    [
        ({"name": ""}, {}, ["name"]),
        ({"kind": "often", "goal": "fame"}, {}, ["kind", "goal"]),
        ({"reentry_days": 0}, {}, ["reentry_days"]),
        ({"audience": {"kind": "filter"}}, {}, ["audience"]),
        ({"kind": "one-off", "audience": {"kind": "list"}}, {}, ["audience"]),
        ({"kind": "one-off", "audience": {"added_from": "soon"}}, {}, ["audience"]),
        ({"kind": "one-off", "audience": {"age": "30"}}, {}, ["audience"]),
        ({}, {"delay_days": 366}, ["steps.1.delay_days"]),
        ({}, {"delay_minutes": 1440}, ["steps.1.delay_minutes"]),
        ({}, {"delay_from": "never"}, ["steps.1.delay_from"]),
        ({}, {"window_start": time(9)}, ["steps.1.window_end"]),
        ({}, {"window_start": time(9), "window_end": time(9)}, ["steps.1.window_end"]),
        ({}, {"weekdays": 0}, ["steps.1.weekdays"]),
    ],
)
def test_what_cannot_be_is_named(account: Account, fields: dict[str, Any], step: dict[str, Any], at_fault: list[str]):
    draft = StepDraft(template=template_of(account, "email"), **step)
    with pytest.raises(Invalid) as refused:
        campaigns.create(account=account, fields={"name": "After a visit", **fields}, steps=[draft], actor=SYSTEM)
    assert fields_at_fault(refused) == at_fault
    assert not Campaign.objects.exists()


def test_a_step_cannot_come_before_the_one_above_it(account: Account):
    with pytest.raises(Invalid) as refused:
        drafted(account, (("sms", 3), ("email", 1)))
    assert fields_at_fault(refused) == ["steps.2.delay_days"]


def test_another_accounts_templates_locations_and_steps_are_not_there(account: Account, other_account: Account):
    theirs = drafted(other_account)
    with pytest.raises(Invalid) as refused:
        campaigns.create(account=account, fields={"name": "Mine"}, steps=drafts(other_account), actor=SYSTEM)
    assert fields_at_fault(refused) == ["steps.1.template", "steps.2.template", "steps.3.template"]
    with pytest.raises(NotFound):
        drafted(account, locations=[location_of(other_account)])
    with pytest.raises(NotFound):
        queries.campaign_for(account, theirs.public_id)
    mine = drafted(account)
    [first, *_] = queries.steps_of(theirs)
    stolen = StepDraft(template=template_of(account, "sms"), id=first.public_id)
    with pytest.raises(NotFound):
        campaigns.update(campaign=mine, fields={}, steps=[stolen], actor=SYSTEM)


def test_max_campaigns_counts_what_is_not_over(account: Account):
    account.max_campaigns = 1
    account.save()
    first = running(account)
    with pytest.raises(LimitReached, match="limited to 1 campaigns and has 1"):
        drafted(account)
    campaigns.cancel(campaign=first, actor=SYSTEM)
    assert drafted(account).state == "draft"


@pytest.mark.parametrize(
    ("breaks", "at_fault"),
    [
        (lambda campaign: Account.objects.update(active=False), ["account"]),
        (lambda campaign: Account.objects.update(postal_address=" "), ["account"]),
        (lambda campaign: Step.objects.update(removed_at=timezone.now()), ["steps"]),
        (lambda campaign: Campaign.objects.update(kind="one-off"), ["audience"]),
        (lambda campaign: campaign.locations.update(deleted_at=timezone.now()), ["locations"]),
    ],
)
def test_a_launch_says_what_is_missing(account: Account, breaks: Any, at_fault: list[str]):
    campaign = drafted(account, locations=[location_of(account)])
    breaks(campaign)
    with pytest.raises(Invalid) as refused:
        campaigns.launch(campaign=campaign, actor=SYSTEM)
    assert fields_at_fault(refused) == at_fault
    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_twice_is_once_and_over_is_over(account: Account):
    campaign = running(account)
    launched_at = campaign.launched_at
    assert campaigns.launch(campaign=campaign, actor=SYSTEM).launched_at == launched_at
    for verb, state in ((campaigns.pause, "paused"), (campaigns.resume, "running"), (campaigns.cancel, "cancelled")):
        assert [verb(campaign=campaign, actor=SYSTEM).state for _ in range(2)] == [state, state]
    for verb in (campaigns.launch, campaigns.pause, campaigns.resume):
        with pytest.raises(Refused):
            verb(campaign=campaign, actor=SYSTEM)
    with pytest.raises(Refused, match="over"):
        campaigns.update(campaign=campaign, fields={"name": "Again"}, actor=SYSTEM)


def test_a_state_without_its_times_is_refused_by_the_database(account: Account):
    campaign = drafted(account)
    with pytest.raises(IntegrityError, match="campaign_state_fits_times"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(state="running")


def test_a_pause_holds_what_is_scheduled_and_a_resume_releases_it_one_by_one(account: Account):
    """Nothing expires meanwhile, whatever its last moment was."""
    campaign = running(account)
    people = [entered(campaign) for _ in range(3)]
    go()
    campaigns.pause(campaign=campaign, actor=SYSTEM)
    assert [asked(each) for each in people] == [[(1, "sms", "held")]] * 3
    assert claim.due(owner="me") == []
    ago = timezone.now() - timedelta(days=2)
    Message.objects.update(due_at=ago, next_try_at=ago, not_after=ago)
    waiting = entered(campaign)
    assert go() == 0
    campaigns.resume(campaign=campaign, actor=SYSTEM)
    found = list(Message.objects.order_by("next_try_at"))
    assert [message.state for message in found] == ["scheduled"] * 3
    gaps = [(b.next_try_at - a.next_try_at).total_seconds() for a, b in pairwise(found)]
    assert gaps == [1.0, 1.0]
    assert all(message.not_after - message.next_try_at == timedelta(hours=12) for message in found)
    assert go() == 1
    assert asked(waiting) == [(1, "sms", "scheduled")]


def test_a_message_in_a_senders_hands_is_held_by_its_gate_and_found_again(account: Account):
    campaign = running(account)
    run = entered(campaign)
    go()
    [lease] = claim.due(owner="me")
    campaigns.pause(campaign=campaign, actor=SYSTEM)
    assert attempt.begin(lease=lease, provider=Scripted()) is None
    assert asked(run) == [(1, "sms", "held")]
    # The race the other way round: resumed before the gate's word was written.
    Campaign.objects.update(state="running", paused_at=None)
    go()
    assert asked(run) == [(1, "sms", "scheduled")]


def test_cancelling_takes_everybody_out_and_sends_nothing_more(account: Account):
    campaign = running(account)
    run = entered(campaign)
    go()
    campaigns.cancel(campaign=campaign, actor=SYSTEM)
    run.refresh_from_db()
    assert (run.state, run.why_ended, run.next_step) == ("left", "The campaign was cancelled.", None)
    assert asked(run) == [(1, "sms", "cancelled")]


def test_an_edit_leaves_what_is_scheduled_and_moves_what_is_not(account: Account):
    campaign = running(account)
    run = entered(campaign)
    go()
    [message] = Message.objects.all()
    words, due = message.text_body, message.due_at
    first, second, _ = [draft_of(step) for step in queries.steps_of(campaign)]
    ids = [step.public_id for step in queries.steps_of(campaign)]
    assert first is not None
    assert second is not None
    templates.update(template=first.template, changes={"body": "New words {{ link }}"}, actor=SYSTEM)
    sooner = [
        StepDraft(template=first.template, delay_minutes=5, id=ids[0]),
        StepDraft(template=second.template, delay_days=1, id=ids[1]),
    ]
    campaigns.update(campaign=campaign, fields={"name": "Sooner"}, steps=sooner, actor=SYSTEM)
    go()
    message.refresh_from_db()
    assert (message.text_body, message.due_at, message.state) == (words, due, "scheduled")
    run.refresh_from_db()
    assert run.next_at == run.entered_at + timedelta(days=1)
    assert [step.position for step in queries.steps_of(campaign)] == [1, 2]
    # The removed third step is still there for what it might have sent.
    assert Step.objects.filter(campaign=campaign).count() == 3


def test_a_step_put_before_or_instead_of_one_that_is_done_is_not_sent_to_whom_is_past_it(account: Account):
    campaign = running(account, (("sms", 0), ("email", 3)))
    run = entered(campaign)
    go()
    replaced = [*drafts(account, (("email", 0),)), draft_of(queries.steps_of(campaign)[1])]
    campaigns.update(campaign=campaign, fields={}, steps=replaced, actor=SYSTEM)  # type: ignore[arg-type]
    go()
    assert asked(run) == [(1, "sms", "scheduled")]
    days_pass(3)
    go()
    assert [position for position, _, _ in asked(run)] == [1, 2]


def test_kind_and_audience_are_fixed_by_the_launch(account: Account):
    campaign = running(account)
    with pytest.raises(Invalid) as refused:
        campaigns.update(campaign=campaign, fields={"kind": "one-off"}, actor=SYSTEM)
    assert fields_at_fault(refused) == ["kind"]


def test_a_template_in_use_cannot_be_deleted(account: Account):
    campaign = drafted(account)
    with pytest.raises(Refused, match="After a visit"):
        templates.delete(template=template_of(account, "sms"), actor=SYSTEM)
    campaigns.cancel(campaign=campaign, actor=SYSTEM)
    templates.delete(template=template_of(account, "sms"), actor=SYSTEM)


def test_a_deleted_location_ends_what_was_for_it_alone(account: Account):
    here, there = (
        location_of(account),
        locations.create(account=account, fields={"name": "Side Street", "country_code": "US"}, actor=SYSTEM),
    )
    alone, both = running(account, locations=[here]), running(account, locations=[here, there])
    run = entered(both)
    locations.delete(location=here, actor=SYSTEM)
    for campaign in (alone, both):
        campaign.refresh_from_db()
    run.refresh_from_db()
    assert (alone.state, both.state) == ("cancelled", "running")
    assert (run.state, run.why_ended) == ("left", "The location was deleted.")


def test_an_inactive_account_waits_and_a_deleted_one_is_over(account: Account):
    campaign = running(account)
    run = entered(campaign)
    accounts.update(account=account, active=False, actor=SYSTEM)
    assert go() == 0
    accounts.update(account=account, active=True, actor=SYSTEM)
    assert go() == 1
    assert asked(run) == [(1, "sms", "scheduled")]
    accounts.delete(account=account, actor=SYSTEM)
    campaign.refresh_from_db()
    assert (campaign.state, asked(run)) == ("cancelled", [(1, "sms", "cancelled")])


def test_a_new_account_gets_drafts_of_its_templates_campaigns(account: Account):
    Account.objects.filter(pk=account.pk).update(is_agency=True)
    account.refresh_from_db()
    running(account)
    drafted(account)
    client = accounts.create(name="Client", parent=account, template=account, max_campaigns=1, actor=SYSTEM)
    [copied] = Campaign.objects.for_account(client)
    assert (copied.name, copied.state) == ("After a visit", "draft")
    found = queries.steps_of(copied)
    assert [(step.template.channel, step.delay_days) for step in found] == [("sms", 0), ("email", 3), ("sms", 7)]
    assert {step.template.account_id for step in found} == {client.pk}


def test_who_did_what_is_in_the_audit(account: Account, alice: Any):
    campaign = drafted(account)
    campaigns.launch(campaign=campaign, actor=alice.actor)
    events = campaign.events.order_by("pgh_id")
    assert [(event.state, event.pgh_context["actor"]) for event in events] == [
        ("draft", "system"),
        ("running", alice.actor.code),
    ]


def test_a_held_message_is_not_looked_at(account: Account):
    campaign = running(account)
    entered(campaign)
    go()
    campaigns.pause(campaign=campaign, actor=SYSTEM)
    make_due(*Message.objects.all())
    assert claim.due(owner="me") == []
    assert Enrolment.objects.get().state == "active"
