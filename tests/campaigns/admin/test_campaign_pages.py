"""Building, launching and following a campaign in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.domain.actors import SYSTEM
from accounts.models import Account, Membership
from campaigns.domain import campaigns, dry_run, landing
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.queries import results
from campaigns.domain.sender import claim, run
from campaigns.models import Campaign, Enrolment, FeedbackRequest
from crm.domain import suppressions
from tests.campaigns.asking import Scripted, location_of, somebody, template_of
from tests.campaigns.campaigning import drafted, entered, go, running
from tests.conftest import Person, person

pytestmark = pytest.mark.django_db


def address(page: str, campaign: Campaign | None = None) -> str:
    return reverse(f"admin:campaigns_campaign_{page}", args=[campaign.pk] if campaign else [])


def step(number: int, template: Any, days: int = 0, **more: str) -> dict[str, Any]:
    given = {"template": template.public_id, "delay_days": days, "delay_minutes": 0, "delay_from": "entry", **more}
    return {f"step{number}-{name}": value for name, value in {"weekdays": list("0123456"), **given}.items()}


def form(account: Account, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"name": "After a visit", "goal": "answer", "enters_on_add": "on", "steps": len(steps), **more}
    return {name: value for each in (given, *steps) for name, value in each.items()}


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_campaign_is_added_built_and_launched_without_javascript(account: Account, alice: Person):
    location_of(account)
    hers = alice.signed_in()
    added = hers.post(address("add"), {"account": account.pk, "name": "After a visit", "kind": "ongoing"})
    campaign = Campaign.objects.get()
    assert added["Location"] == address("edit", campaign)
    sms, mail = template_of(account, "sms"), template_of(account, "email")
    # A second step is a button that saves nothing.
    more = hers.post(added["Location"], form(account, step(0, sms), rearrange="add"))
    assert 'name="step1-template"' in more.content.decode()
    assert queries.steps_of(campaign) == []
    saved = hers.post(
        address("edit", campaign),
        form(account, step(0, sms), step(1, mail, 3, window_start="09:00", window_end="17:00"), reentry_days=90),
    )
    assert saved["Location"] == address("change", campaign)
    found = queries.steps_of(campaign)
    assert [(each.template, each.delay_days, str(each.window_start)) for each in found] == [
        (sms, 0, "None"),
        (mail, 3, "09:00:00"),
    ]
    somebody(account)
    page = text_of(hers, address("launch", campaign))
    assert "As if everybody who was added in the last 30 days entered now" in page
    assert hers.post(address("launch", campaign))["Location"] == address("change", campaign)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.reentry_days) == ("running", 90)


def test_steps_are_moved_and_removed_by_buttons(account: Account, alice: Person):
    campaign = drafted(account, (("sms", 0), ("email", 3)))
    sms, mail = template_of(account, "sms"), template_of(account, "email")
    hers = alice.signed_in()

    def press(button: str) -> list[str]:
        page = hers.post(address("edit", campaign), form(account, step(0, sms), step(1, mail, 3), rearrange=button))
        return [one.initial["template"] for one in page.context["builder"].steps]

    assert press("up:1") == [mail.public_id, sms.public_id]
    assert press("down:0") == [mail.public_id, sms.public_id]
    assert press("remove:0") == [mail.public_id]
    assert press("up:0") == press("up:99") == press("nonsense") == [sms.public_id, mail.public_id]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(account: Account, alice: Person):
    campaign = drafted(account, (("sms", 0),))
    sms = template_of(account, "sms")
    hers = alice.signed_in()
    page = hers.post(address("edit", campaign), form(account, step(0, sms, 9), step(1, sms, 3), name="Kept"))
    assert page.context["builder"].steps[1].errors == {"delay_days": ["Step 2 would come before the step above it."]}
    assert "Kept" in page.content.decode()
    for broken in ({"steps": "x"}, {"steps": "999999999999"}, {"goal": "fame"}, {"step0-template": "zz"}, {"name": ""}):
        assert hers.post(address("edit", campaign), form(account, step(0, sms)) | broken).status_code in (200, 302)
    assert hers.post(address("edit", campaign), {}).status_code == 200


def test_a_one_off_campaign_says_who_it_is_for(account: Account, alice: Person):
    campaign = drafted(account, kind="one-off")
    hers = alice.signed_in()
    who = {"audience-kind": "list", "audience-people": "nobody@example.com\n+12012000000", "audience-added_from": ""}
    sent = form(account, step(0, template_of(account, "sms")), **who)
    assert hers.post(address("edit", campaign), sent).status_code == 302
    campaign.refresh_from_db()
    assert campaign.audience == {"kind": "list", "people": ["nobody@example.com", "+12012000000"]}
    assert "A list of 2 people" in text_of(hers, address("change", campaign))
    empty = hers.post(address("edit", campaign), sent | {"audience-people": ""})
    assert "Name at least one person" in empty.content.decode()


def test_the_dry_run_counts_now_later_and_never_and_says_why(account: Account, alice: Person):
    """Five people: one without a number, one who said STOP, one who must not be written to at all."""
    people = [somebody(account) for _ in range(4)]
    somebody(account, mobile_number=None)
    suppressions.suppress(
        account=account, channel="sms", reason="stop", source="recipient", address=people[0].mobile_number or ""
    )
    suppressions.suppress(account=account, channel="all", reason="opt_out", source="staff", customer=people[1])
    campaign = drafted(account, (("sms", 0), ("email", 3)), kind="one-off", audience={"kind": "filter"})
    found = dry_run.of(campaign=campaign)
    assert (found.people, found.more) == (5, False)
    first, second = found.steps
    assert (first.now, first.later, first.never) == (2, 0, 3)
    assert {(reason.gate, reason.number) for reason in first.refusals} == {("not_suppressed", 2), ("has_address", 1)}
    assert (second.now, second.later, second.never) == (0, 4, 1)
    assert not Enrolment.objects.exists()
    page = text_of(alice.signed_in(), address("launch", campaign))
    assert "The customer may be contacted on this channel." in page
    assert "Launch it" in page
    # What it said comes true.
    campaigns.launch(campaign=campaign, actor=SYSTEM)
    go()
    assert FeedbackRequest.objects.count() == first.now


def test_a_dry_run_costs_the_same_for_one_as_for_three(account: Account, django_assert_num_queries: Any):
    drafted(account, (("sms", 0), ("email", 3)), kind="one-off", audience={"kind": "filter"})
    for number in (1, 3):
        for _ in range(number):
            somebody(account)
        with django_assert_num_queries(14):
            dry_run.of(campaign=Campaign.objects.select_related("account").get())


def test_results_by_step_and_location_and_the_file_of_them(account: Account, alice: Person):
    account.name = "=Bakery"
    campaign = running(account, (("sms", 0),))
    location_of(account).customers.clear()
    runs = [entered(campaign) for _ in range(4)]
    go()
    leases = claim.due(owner="me")
    for lease in leases[:3]:
        run.send(lease=lease, provider=Scripted())
    landing.answer(token=FeedbackRequest.objects.get(enrolment=runs[0]).landing_token, score=9)
    found = results.of(campaign=campaign)
    [row] = found.steps
    sent = FeedbackRequest.objects.filter(message__state="accepted").count()
    assert (row.label, row.sent, row.delivered, row.clicked, row.answered) == (
        "Step 1: Feedback request by SMS",
        sent,
        sent,
        1,
        1,
    )
    assert (sent, row.rate.n, round(row.rate.value or 0)) == (3, 3, 33)
    assert found.people == {"active": 0, "reached": 1, "completed": 3, "left": 0}
    hers = alice.signed_in()
    lines = hers.get(address("export", campaign)).content.decode().splitlines()
    assert lines[0] == "part,name,sent,delivered,clicked,answered,response_rate_percent,low_95,high_95,formula,n"
    assert lines[1] == "whole,All steps,3,3,1,1,33.33,6.15,79.23,response_rate,3"
    assert lines[3] == "location,Main Street,3,3,1,1,33.33,6.15,79.23,response_rate,3"
    page = text_of(hers, address("change", campaign))
    assert "33 %" in page


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_name_is_no_formula_in_the_file(text: str):
    assert results.tame(text) == f"'{text}"


def test_buttons_pause_resume_copy_and_cancel(account: Account, alice: Person):
    campaign = running(account)
    hers = alice.signed_in()
    for verb, state in (("pause", "paused"), ("resume", "running"), ("copy", "running"), ("cancel", "cancelled")):
        assert hers.get(address(verb, campaign)).status_code == 405
        assert hers.post(address(verb, campaign)).status_code == 302
        campaign.refresh_from_db()
        assert campaign.state == state
    copied = Campaign.objects.exclude(pk=campaign.pk).get()
    assert (copied.name, copied.state) == ("After a visit (copy)", "draft")
    said = text_of(hers, hers.post(address("resume", campaign))["Location"])
    assert "Only a paused campaign can be resumed." in said


def test_why_is_shown_on_the_persons_page_and_the_messages(account: Account, alice: Person):
    campaign = running(account, (("sms", 0), ("email", 0)))
    run_ = entered(campaign, somebody(account, email=None))
    go()
    Enrolment.objects.filter(state="active").update(next_at=Now())
    go()
    [lease] = claim.due(owner="me")
    run.send(lease=lease, provider=Scripted())
    hers = alice.signed_in()
    page = text_of(hers, reverse("admin:campaigns_enrolment_change", args=[run_.pk]))
    assert "The customer has no e-mail address." in page
    assert "passed over" in page
    asked = FeedbackRequest.objects.get()
    for name, row in (("feedbackrequest", asked), ("message", asked.message)):
        assert "let go" in text_of(hers, reverse(f"admin:campaigns_{name}_change", args=[row.pk]))


def test_charlie_reaches_none_of_it_and_the_restricted_none_either(account: Account, charlie: Person):
    campaign = running(account)
    restricted = person("Rita", account, Membership.Role.RESTRICTED)
    for who in (charlie, restricted):
        client = who.signed_in()
        for page in ("change", "edit", "launch", "export"):
            assert client.get(address(page, campaign)).status_code in (302, 403, 404)
        for verb in ("launch", "edit", "pause", "cancel", "copy"):
            assert client.post(address(verb, campaign)).status_code in (302, 403, 404)
    campaign.refresh_from_db()
    assert (campaign.state, Campaign.objects.count()) == ("running", 1)


def test_bob_may_run_them_as_well(account: Account, bob: Person):
    campaign = running(account)
    assert bob.signed_in().post(address("pause", campaign)).status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == "paused"
