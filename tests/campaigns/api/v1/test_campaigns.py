"""Campaigns and requests over the own API."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.sender import attempt, claim
from campaigns.models import Enrolment, FeedbackRequest
from feedbackhub.api.own.contract import API
from tests.campaigns.asking import Scripted, ask, location_of, make_due, message_of, somebody
from tests.campaigns.campaigning import drafted, entered, go, running
from tests.clients import ContractClient, caller_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(account: Account) -> ContractClient:
    return caller_of(API, account)


def ok(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()


def test_a_request_says_why_it_waited_and_why_it_went(api: ContractClient, account: Account):
    run = entered(running(account, (("sms", 0),)))
    go()
    request = FeedbackRequest.objects.get()
    for allowance in (0, None):
        Account.objects.update(sms_allowance=allowance)
        make_due(message_of(request))
        [lease] = claim.due(owner="me")
        attempt.begin(lease=lease, provider=Scripted())
    found = ok(api.get(f"/api/v1/requests/{request.public_id}"))
    assert found["campaign"] == run.campaign.public_id
    assert (found["customer"], found["answered"]) == (run.customer.public_id, False)
    assert found["message"]["state"] == "leased"
    waited, went = found["decisions"]
    assert (waited["gate"], waited["allowed"], waited["times"]) == ("sms_allowance", False, 1)
    [against] = [each for each in waited["verdicts"] if not each["allowed"]]
    assert (against["rule"], against["detail"]) == (
        "The month's SMS allowance covers it.",
        "The month's SMS allowance is used up.",
    )
    assert against["next_eligible_at"] == waited["next_eligible_at"] is not None
    assert (went["gate"], went["allowed"], went["next_eligible_at"]) == (None, True, None)
    assert [each["gate"] for each in went["verdicts"]][:2] == ["account_active", "in_time"]


def test_a_request_that_stands_alone_is_there_as_well(api: ContractClient, account: Account):
    request = ask(account)
    found = ok(api.get(f"/api/v1/requests/{request.public_id}"))
    assert (found["campaign"], found["campaign_step"], found["decisions"]) == (None, None, [])


def test_a_campaign_with_its_figures_and_its_dry_run(api: ContractClient, account: Account):
    campaign = drafted(account, kind="one-off", audience={"kind": "filter"})
    somebody(account, mobile_number=None)
    tried = ok(api.get(f"/api/v1/campaigns/{campaign.public_id}/dry-run"))
    first, second, _ = queries.steps_of(campaign)
    assert tried["people"] == 1
    assert [(each["step"], each["now"], each["later"], each["never"]) for each in tried["steps"]][:2] == [
        (first.public_id, 0, 0, 1),
        (second.public_id, 0, 1, 0),
    ]
    assert tried["steps"][0]["refusals"] == [
        {"gate": "has_address", "rule": "The customer has an address for the channel.", "people": 1}
    ]
    launched = ok(api.patch(f"/api/v1/campaigns/{campaign.public_id}", {"state": "running"}))
    assert (launched["state"], [step["delay_days"] for step in launched["steps"]]) == ("running", [0, 3, 7])
    assert launched["people"] == {"active": 0, "reached": 0, "completed": 0, "left": 0}
    for state in ("paused", "running", "cancelled"):
        assert ok(api.patch(f"/api/v1/campaigns/{campaign.public_id}", {"state": state}))["state"] == state
    [listed] = ok(api.get("/api/v1/campaigns"))["data"]
    assert (listed["id"], listed["state"]) == (campaign.public_id, "cancelled")


@pytest.mark.parametrize(
    ("body", "status"), [({"state": "ended"}, 400), ({}, 400), ({"state": "paused"}, 409), ({"name": "x"}, 400)]
)
def test_what_cannot_be_changed_is_refused(api: ContractClient, account: Account, body: Any, status: int):
    campaign = drafted(account)
    response = api.patch(f"/api/v1/campaigns/{campaign.public_id}", body)
    assert response.status_code in (status, 422), response.content
    assert response["Content-Type"].startswith("application/problem+json")


def test_a_customer_enters_once_however_often_it_is_said(api: ContractClient, account: Account):
    campaign, jane = running(account), somebody(account)
    body = {"campaign": campaign.public_id, "customer": jane.public_id, "location": location_of(account).public_id}
    first = ok(api.post("/api/v1/enrolments", body))
    assert (first["state"], first["entry"], first["location"]) == ("active", 1, location_of(account).public_id)
    assert ok(api.post("/api/v1/enrolments", body)) == first
    [run] = Enrolment.objects.all()
    assert run.entered_by == "caller"


def test_charlie_finds_none_of_it(account: Account, other_account: Account):
    charlies = caller_of(API, other_account)
    campaign, request = running(account), ask(account)
    assert ok(charlies.get("/api/v1/campaigns"))["data"] == []
    for path in (f"campaigns/{campaign.public_id}", f"campaigns/{campaign.public_id}/dry-run"):
        assert charlies.get(f"/api/v1/{path}").status_code == 404
    assert charlies.get(f"/api/v1/requests/{request.public_id}").status_code == 404
    body = {"campaign": campaign.public_id, "customer": somebody(other_account).public_id}
    assert charlies.post("/api/v1/enrolments", body).status_code in (400, 422)
    assert not Enrolment.objects.exists()
