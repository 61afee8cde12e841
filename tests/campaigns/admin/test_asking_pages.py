"""Requests, messages, templates and the outbox in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Membership
from campaigns.models import FeedbackRequest, Message, MessageTemplate, OutboxEntry, SendAttempt
from tests.campaigns.asking import ask, location_of, message_of, somebody, template_of


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:campaigns_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def entry(account):
    html = "<html><head><title>x</title></head><body><script>alert(1)</script><a href='/f/x'>Answer</a></body></html>"
    return OutboxEntry.objects.create(
        account=account,
        idem_key="k",
        channel="email",
        address="a@example.org",
        subject="Hi",
        text_body="See http://h/f/x",
        html_body=html,
        headers={"List-Unsubscribe": "<http://h/u/x>"},
    )


def test_a_request_is_made_and_its_message_scheduled(account, alice):
    jane = somebody(account)
    posted = {"account": account.pk, "customer": jane.pk, "template": template_of(account, "email").pk}
    assert alice.signed_in().post(url(FeedbackRequest, "add"), posted).status_code == 302
    made = FeedbackRequest.objects.get()
    assert (made.customer, made.location, made.message.state) == (jane, location_of(account), "scheduled")


def test_a_request_to_somebody_without_an_address_is_refused_at_the_customer(account, alice):
    jane = somebody(account, email=None)
    posted = {"account": account.pk, "customer": jane.pk, "template": template_of(account, "email").pk}
    response = alice.signed_in().post(url(FeedbackRequest, "add"), posted)
    assert "This customer has no e-mail address" in response.content.decode()
    assert FeedbackRequest.objects.count() == 0


@pytest.mark.parametrize("name", ["customer", "template", "location"])
def test_a_request_ties_no_two_accounts_together_even_for_who_reaches_both(account, other_account, bob, name):
    Membership.objects.create(account=other_account, user=bob.user, role=Membership.Role.OWNER)
    posted = {
        "account": account.pk,
        "customer": somebody(account).pk,
        "template": template_of(account, "email").pk,
        "location": location_of(account).pk,
    }
    foreign = {
        "customer": somebody(other_account),
        "template": template_of(other_account, "email"),
        "location": location_of(other_account),
    }
    response = bob.signed_in().post(url(FeedbackRequest, "add"), {**posted, name: foreign[name].pk})
    assert response.context["adminform"].form.errors == {name: ["This belongs to another account."]}
    assert FeedbackRequest.objects.count() == 0


def test_a_requests_page_leads_to_its_landing_page_and_message(account, alice):
    request = ask(account)
    text = alice.signed_in().get(url(FeedbackRequest, "change", request.pk)).content.decode()
    assert f"/f/{request.landing_token}" in text
    assert url(Message, "change", message_of(request).pk) in text


def test_a_message_of_unknown_fate_says_so_with_its_attempts(account, alice):
    message = message_of(ask(account))
    SendAttempt.objects.create(
        message=message, seq=1, provider="smtp", idem_key="i", fence=1, owner="w", outcome="unknown", error="cut off"
    )
    Message.objects.filter(pk=message.pk).update(state="unknown_final")
    hers = alice.signed_in()
    assert "Fate unknown" in hers.get(url(Message, "changelist")).content.decode()
    text = hers.get(url(Message, "change", message.pk)).content.decode()
    assert ("Fate unknown" in text, "cut off" in text, "Unknown" in text) == (True, True, True)


@pytest.mark.parametrize("model", [Message, OutboxEntry])
def test_the_ledger_and_the_outbox_are_read_only(account, alice, entry, model):
    ask(account)
    hers, row = alice.signed_in(), model.objects.first()
    assert hers.get(url(model, "add")).status_code == 403
    assert hers.post(url(model, "change", row.pk), {"address": "x@example.org"}).status_code == 403
    assert hers.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk, address=row.address).exists()


def test_a_mail_is_shown_in_a_frame_that_runs_and_loads_nothing(entry, alice, charlie):
    hers = alice.signed_in()
    page = hers.get(url(OutboxEntry, "change", entry.pk)).content.decode()
    frame = url(OutboxEntry, "mail", entry.pk)
    assert f'src="{frame}"' in page
    assert "allow-scripts" not in page
    assert "<script>alert" not in page
    response = hers.get(frame)
    assert response["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert '<head><base target="_blank"><title>' in response.content.decode()
    assert charlie.signed_in().get(frame).status_code == 404


def test_the_outbox_shows_headers_and_text_with_its_links(entry, alice):
    text = alice.signed_in().get(url(OutboxEntry, "change", entry.pk)).content.decode()
    assert "List-Unsubscribe" in text
    assert '<a href="http://h/f/x" rel="nofollow">' in text


def test_a_template_is_checked_when_saved_and_keeps_what_was_typed(account, alice):
    posted = {"account": account.pk, "name": "Mine", "channel": "email", "question": "nps", "subject": "Hi"}
    response = alice.signed_in().post(url(MessageTemplate, "add"), {**posted, "body": "{{ secrets }}"})
    text = response.content.decode()
    assert "Unknown value secrets." in text
    assert "{{ secrets }}" in text
    assert not MessageTemplate.objects.filter(name="Mine").exists()


def test_a_template_is_changed_seen_and_removed_softly(account, alice):
    template = template_of(account, "sms")
    hers = alice.signed_in()
    posted = {"name": "Short", "question": "happy", "subject": "", "body": "Hi {{ customer.fname }}: {{ link }}"}
    hers.post(url(MessageTemplate, "change", template.pk), posted)
    template.refresh_from_db()
    assert (template.name, template.question) == ("Short", "happy")
    frame = reverse("admin:campaigns_messagetemplate_mail", args=[template.pk])
    assert frame in hers.get(url(MessageTemplate, "change", template.pk)).content.decode()
    assert "Hi Maria: " in hers.get(frame).content.decode()
    hers.post(url(MessageTemplate, "delete", template.pk), {"post": "yes"})
    template.refresh_from_db()
    assert template.deleted_at is not None


def test_a_changed_template_that_cannot_be_sent_is_refused(account, alice):
    template = template_of(account, "sms")
    posted = {"name": "Short", "question": "happy", "subject": "", "body": "No way to answer"}
    response = alice.signed_in().post(url(MessageTemplate, "change", template.pk), posted)
    assert "nobody could answer" in response.content.decode()
    before = template.body
    template.refresh_from_db()
    assert template.body == before


def test_a_mail_templates_preview_is_framed_alike(account, alice, charlie):
    template = template_of(account, "email")
    frame = url(MessageTemplate, "mail", template.pk)
    response = alice.signed_in().get(frame)
    assert "Hello Maria" in response.content.decode()
    assert "sandbox" in response["Content-Security-Policy"]
    assert charlie.signed_in().get(frame).status_code == 404
