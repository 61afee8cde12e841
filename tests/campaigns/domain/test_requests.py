"""Asking one customer for feedback."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import landing, requests, templates
from campaigns.domain.sender import wake
from campaigns.models import FeedbackRequest, Message, MessageTemplate
from crm.domain import suppressions
from crm.models import Location, Suppression
from feedbackhub import hints
from feedbackhub.errors import BadReference, HubError, Invalid, Refused
from tests.campaigns.asking import ask, location_of, message_of, somebody, template_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("channel", "address"), [("email", "jane@example.com"), ("sms", "+12015550123")])
def test_a_request_has_a_message_scheduled_for_now(account: Account, channel: str, address: str):
    account.from_name, account.reply_to = "The Bakery", "alice@example.com"
    customer = somebody(account, email="jane@example.com", mobile_number="+12015550123")
    before = timezone.now()
    request = ask(account, channel, customer=customer)
    message = message_of(request)
    assert (message.state, message.channel, message.address) == ("scheduled", channel, address)
    assert (message.from_name, message.reply_to) == ("The Bakery", "alice@example.com")
    assert before <= message.due_at == message.next_try_at == request.due_at <= timezone.now()
    assert message.not_after == message.due_at + 12 * HOUR
    assert (request.location, request.suppressed, request.response) == (location_of(account), False, None)


def test_later_is_later_and_a_little_late_is_now(account: Account):
    now = timezone.now()
    later, late = ask(account, due=now + 48 * HOUR), ask(account, due=now - 20 * HOUR)
    assert message_of(later).not_after == now + 60 * HOUR
    assert message_of(late).due_at == now - 20 * HOUR
    assert message_of(late).not_after > now + 11 * HOUR


@pytest.mark.parametrize("due", [timedelta(days=-1, minutes=-1), timedelta(days=366, minutes=1)])
def test_a_time_too_far_away_is_refused(account: Account, due: timedelta):
    with pytest.raises(Invalid) as caught:
        ask(account, due=timezone.now() + due)
    assert [problem.name for problem in caught.value.problems] == ["due"]
    assert not FeedbackRequest.objects.exists()


def test_a_link_alone_sends_nothing_even_to_somebody_who_opted_out(account: Account):
    customer = somebody(account, email=None)
    suppressions.opt_out(customer=customer, actor=SYSTEM)
    request = requests.create(
        account=account,
        customer=customer,
        template=template_of(account, "email"),
        suppress_message=True,
        actor=SYSTEM,
    )
    assert (request.suppressed, Message.objects.count()) == (True, 0)
    assert len(request.landing_token) == 24


def refusal(account: Account, channel: str, **fields: Any) -> HubError:
    with pytest.raises(HubError) as caught:
        ask(account, channel, **fields)
    assert not FeedbackRequest.objects.exists()
    assert not Message.objects.exists()
    return caught.value


@pytest.mark.parametrize(("channel", "without"), [("email", "email"), ("sms", "mobile_number")])
def test_somebody_without_the_channels_address_is_refused(account: Account, channel: str, without: str):
    error = refusal(account, channel, customer=somebody(account, **{without: None}))
    assert isinstance(error, Refused)
    assert [problem.name for problem in error.problems] == ["customer"]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_somebody_who_opted_out_is_refused(account: Account, channel: str):
    customer = somebody(account)
    suppressions.opt_out(customer=customer, actor=SYSTEM)
    assert "opted out" in refusal(account, channel, customer=customer).message


def test_somebody_whose_mail_bounced_is_refused_by_mail_and_not_by_sms(account: Account):
    customer = somebody(account, email="Gone@Example.com")
    suppressions.suppress(
        account=account,
        channel="email",
        reason=Suppression.Reason.HARD_BOUNCE,
        source="provider",
        address="gone@example.com",
    )
    assert "invalid" in refusal(account, "email", customer=customer).message
    assert message_of(ask(account, "sms", customer=customer)).state == "scheduled"


def test_the_location_is_the_customers_only_one(account: Account):
    customer = somebody(account)
    second = Location.objects.create(account=account, name="Second", country_code="US")
    customer.locations.add(second)
    for locations in ([], [second, location_of(account)]):
        customer.locations.set(locations)
        error = refusal(account, "email", customer=customer)
        assert isinstance(error, Invalid)
        assert [problem.name for problem in error.problems] == ["location"]
    second.deleted_at = timezone.now()
    second.save()
    assert ask(account, customer=customer).location == location_of(account)


def test_a_template_that_cannot_be_rendered_any_more_is_named(account: Account):
    broken = MessageTemplate.objects.create(account=account, name="Old", channel="sms", body="{{ link }} {% nothing %}")
    error = refusal(account, "sms")
    assert isinstance(error, BadReference)
    assert [problem.name for problem in error.problems] == ["template"]
    broken.delete()


def test_what_is_scheduled_is_frozen(account: Account):
    customer, template = somebody(account), template_of(account, "email")
    message = message_of(ask(account, customer=customer))
    template.body, customer.email = "<p>Other {{ link }}</p>", "other@example.com"
    template.save()
    customer.save()
    again = Message.objects.get(pk=message.pk)
    assert (again.address, again.html_body) == (message.address, message.html_body)


def test_header_names_cannot_be_smuggled_in_by_the_account(account: Account):
    account.from_name = "Bakery\r\nBcc: all@example.com"
    assert message_of(ask(account)).from_name == "Bakery Bcc: all@example.com"


def test_the_worker_is_woken_after_the_commit_and_only_for_what_is_due(
    account: Account, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    sent: list[str] = []
    monkeypatch.setattr(wake, "_last", float("-inf"))
    monkeypatch.setattr(hints.app, "send_task", lambda name, **_options: sent.append(name))
    templates.defaults_for(account)
    with django_capture_on_commit_callbacks(execute=True):
        ask(account, due=timezone.now() + HOUR)
        assert sent == []
    assert sent == []
    with django_capture_on_commit_callbacks(execute=True):
        ask(account)
        ask(account)
        assert sent == []
    assert sent == ["campaigns.send_due_messages"]


def test_a_location_speaks_under_its_own_name(account: Account):
    """In the head of the mail, in its layout and footer, and on the page behind its link."""
    account.from_name, account.reply_to = "The Bakery", "alice@example.com"
    account.save()
    location = location_of(account)
    location.brand_name, location.brand_color, location.reply_to = "The Nest", "#0f766e", "nest@example.com"
    location.save()
    request = ask(account)
    message = message_of(request)
    assert (message.from_name, message.reply_to) == ("The Nest", "nest@example.com")
    assert "The Nest, 1 Main Street" in message.text_body
    assert "#0f766e" in message.html_body
    assert landing.view(token=request.landing_token).brand.name == "The Nest"
