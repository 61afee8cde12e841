"""What an agency does to a client account, seen where it matters: counters, pages, messages, templates."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Account
from campaigns.domain.sender import run
from campaigns.models import Message, MessageTemplate, OutboxEntry, SmsQuota
from tests.accounts.factories import agency, member
from tests.campaigns.asking import make_due
from tests.feedbackapi import FeedbackAPI, key_of, refused


@pytest.fixture
def agent(transactional_db: None) -> FeedbackAPI:
    """Holds the agency's key. The sender commits as it goes, so these tests do as well."""
    return key_of(agency(), agency=True)


def new_client(agent: FeedbackAPI, **settings: Any) -> Any:
    return agent.ok(agent.post("accounts", {"name": "Savastano and Son", "active": True, "verb": "use", **settings}))


def client_key(client: Any) -> FeedbackAPI:
    return key_of(Account.objects.get(public_id=client["id"]))


def template(api: FeedbackAPI, client: Any, channel: str) -> str:
    return MessageTemplate.objects.get(account__public_id=client["id"], channel=channel).public_id


def ask(api: FeedbackAPI, client: Any, channel: str = "email", number: int = 1, **more: Any) -> Any:
    """One request to a customer of their own."""
    homes = api.ids("locations") or [api.ok(api.post("locations", {"name": "Home", "country_code": "US"}))["id"]]
    person = {"email": f"p{number}@example.com", "mobile_number": f"+1201200{number:04}", "location": homes[0]}
    jane = api.ok(api.post("customers", person))
    body = {"subscriber": jane["id"], "template": template(api, client, channel), "location": homes[0], **more}
    return api.ok(api.post("feedback-request", body))


def page(request: Any) -> HttpResponse:
    path = "/" + request["full_url"].split("/", 3)[3]
    return Client().get(path)


def state() -> str:
    return Message.objects.get().state


def test_the_counters_are_live(agent: FeedbackAPI) -> None:
    made = new_client(agent)
    api = client_key(made)
    assert (made["active_locations"], made["active_users"]) == (0, 0)
    homes = [api.ok(api.post("locations", {"name": f"Home {n}", "country_code": "US"}))["id"] for n in range(3)]
    api.ok(api.delete(f"locations/{homes[0]}"))
    user = member(Account.objects.get(public_id=made["id"]), "carol@wildcat.com")
    api.ok(api.post("users", {"email": "pending@example.com"}))
    now = agent.ok(agent.get(f"accounts/{made['id']}"))
    assert (now["active_locations"], now["active_users"]) == (2, 1)
    assert agent.ok(agent.get("accounts"))["data"] == [now]
    api.ok(api.delete(f"users/{user.public_id}"))
    assert agent.ok(agent.get(f"accounts/{made['id']}"))["active_users"] == 0


def test_an_inactive_accounts_messages_and_pages_wait_until_it_is_active(agent: FeedbackAPI) -> None:
    made = new_client(agent)
    asked = ask(client_key(made), made)
    assert b'name="score"' in page(asked).content
    assert agent.ok(agent.post(f"accounts/{made['id']}", {"active": False}))["active"] is False

    assert run.run() == 0
    assert (state(), OutboxEntry.objects.count()) == ("scheduled", 0)
    closed = page(asked)
    assert b'name="score"' not in closed.content

    agent.ok(agent.post(f"accounts/{made['id']}", {"active": True}))
    assert run.run() == 1
    assert (state(), OutboxEntry.objects.count()) == ("accepted", 1)
    assert b'name="score"' in page(asked).content


def test_a_deleted_accounts_messages_are_cancelled_and_its_pages_are_gone(agent: FeedbackAPI) -> None:
    made = new_client(agent)
    api = client_key(made)
    asked = ask(api, made)
    unsubscribe = f"/u/{Message.objects.get().unsubscribe_token}"

    assert agent.ok(agent.delete(f"accounts/{made['id']}")) == {"id": made["id"], "deleted": True}

    assert (state(), run.run(), OutboxEntry.objects.count()) == ("cancelled", 0, 0)
    assert page(asked).status_code == 404
    # Whoever got a mail before may still unsubscribe.
    assert Client().get(unsubscribe).status_code == 200
    refused(api.get("customers"), 401)
    refused(agent.get(f"accounts/{made['id']}"), 404)


def test_a_deleted_location_cancels_its_messages_and_closes_its_pages(agent: FeedbackAPI) -> None:
    made = new_client(agent)
    api = client_key(made)
    asked = ask(api, made)
    api.ok(api.delete(f"locations/{asked['location']}"))
    assert (state(), run.run()) == ("cancelled", 0)
    assert b'name="score"' not in page(asked).content


def test_the_allowance_of_the_month_is_kept_to_the_segment_and_can_be_raised(agent: FeedbackAPI) -> None:
    made = new_client(agent, sms_allowance=2)
    api = client_key(made)
    for number in range(4):
        ask(api, made, "sms", number)
    ask(api, made, "email", 4)
    assert set(Message.objects.filter(channel="sms").values_list("sms_segments", flat=True)) == {1}

    run.run()
    sent = OutboxEntry.objects.values_list("channel", flat=True)
    assert sorted(sent) == ["email", "sms", "sms"]
    held = Message.objects.filter(state="scheduled")
    assert list(held.values_list("reason", flat=True)) == ["The month's SMS allowance is used up."] * 2

    agent.ok(agent.encoded("form").post(f"accounts/{made['id']}", {"sms_allowance": "3"}))
    make_due(*held)
    run.run()
    assert (OutboxEntry.objects.filter(channel="sms").count(), SmsQuota.objects.get().segments_used) == (3, 3)

    agent.ok(agent.post(f"accounts/{made['id']}", {"sms_allowance": None}))
    make_due(*Message.objects.filter(state="scheduled"))
    run.run()
    assert (OutboxEntry.objects.filter(channel="sms").count(), SmsQuota.objects.get().segments_used) == (4, 4)


def test_a_suppressed_message_costs_no_allowance(agent: FeedbackAPI) -> None:
    made = new_client(agent, sms_allowance=0)
    assert ask(client_key(made), made, "sms", suppress_message=True)["type"] == "suppressed"
    assert (run.run(), SmsQuota.objects.count(), Message.objects.count()) == (0, 0, 0)


def words(client: Any) -> list[tuple[Any, ...]]:
    rows = MessageTemplate.objects.alive().filter(account__public_id=client["id"]).order_by("name")
    return list(rows.values_list("name", "channel", "question", "subject", "body", "text_body"))


def test_an_account_template_lends_its_templates_and_its_branding(agent: FeedbackAPI) -> None:
    model = new_client(agent)
    row = Account.objects.get(public_id=model["id"])
    branding = {"brand_color": "#112233", "branded_domain": "ask.example.com", "time_zone": "Europe/Vienna"}
    Account.objects.filter(pk=row.pk).update(**branding, language="de", brand_name="The model", sms_allowance=7)
    MessageTemplate.objects.filter(account=row, channel="sms").update(
        name="Ours", question="happy", body="Na? {{ link }}"
    )
    MessageTemplate.objects.create(
        account=row, name="Gone", channel="sms", body="{{ link }}", deleted_at=row.created_at
    )

    made = new_client(agent, name="B613", account_template=model["id"])

    assert words(made) == words(model)
    assert ("Ours", "sms", "happy", "", "Na? {{ link }}", "") in words(made)
    copy = Account.objects.get(public_id=made["id"])
    assert {name: getattr(copy, name) for name in branding} == branding
    # Its name is its own, and so are its limits.
    assert (copy.name, copy.brand_name, copy.sms_allowance) == ("B613", "", None)
    # Copies: what happens to one does not happen to the other.
    MessageTemplate.objects.filter(account=row).update(body="Changed {{ link }}")
    assert "Changed {{ link }}" not in {body for *_, body, _ in words(made)}


def test_a_deleted_account_is_no_template(agent: FeedbackAPI) -> None:
    model = new_client(agent)
    agent.ok(agent.delete(f"accounts/{model['id']}"))
    body = {"name": "B613", "active": True, "verb": "use", "account_template": model["id"]}
    refused(agent.post("accounts", body), 400, "account_template")
    assert agent.ok(agent.get("accounts"))["total_count"] == 0
