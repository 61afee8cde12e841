"""Trying a template while it is written."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, Membership
from campaigns.domain import linting, templates
from campaigns.domain.rendering.preview import preview
from campaigns.models import Message, MessageTemplate, OutboxEntry
from crm.domain import suppressions
from tests.campaigns.asking import somebody, template_of
from tests.conftest import Person, person

pytestmark = pytest.mark.django_db


def address(page: str, template: MessageTemplate) -> str:
    return reverse(f"admin:campaigns_messagetemplate_{page}", args=[template.pk])


def findings(template: MessageTemplate) -> list[tuple[str, str]]:
    return [(each.level, each.field) for each in linting.lint(template=template, rendered=preview(template))]


def test_what_is_typed_is_shown_as_the_customer_gets_it_and_not_saved(account: Account, alice: Person):
    template = template_of(account, "sms")
    jane = somebody(account, fname="Jane")
    hers = alice.signed_in()
    typed = {"body": "Hi {{ customer.fname }} “you” {{ link }}", "preview_customer": jane.email}
    page = hers.post(address("try", template), typed).content.decode()
    assert "Hi Jane “you” http" in page
    assert "1 SMS segment" in page
    assert "UCS-2 units" in page
    assert "“ ” makes every segment hold 70 characters instead of 160." in page
    assert "It does not say how to opt out" in page
    assert MessageTemplate.objects.get(pk=template.pk).body == template.body
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", ["{{ customer.shoe_size }} {{ link }}", "{% if %}", "no link", "", "{{ link }}" * 500])
def test_what_cannot_be_saved_is_said_as_an_error(account: Account, alice: Person, body: str):
    page = alice.signed_in().post(address("try", template_of(account, "sms")), {"body": body})
    assert (page.status_code, 'class="bar bad"' in page.content.decode()) == (200, True)


def test_a_mail_is_shown_whole_in_a_frame_that_runs_nothing(account: Account, alice: Person):
    page = alice.signed_in().post(
        address("try", template_of(account, "email")),
        {"subject": "Well, {{ customer.fname }}?", "body": "<p onclick=x>Hi {{ link }}</p><script>x</script>"},
    )
    text = page.content.decode()
    assert "Well, Maria?" in text
    assert "onclick" not in text
    assert "&lt;script" not in text
    assert "sandbox" in page["Content-Security-Policy"]


def test_a_customer_of_another_account_is_nobody(account: Account, other_account: Account, alice: Person):
    stranger = somebody(other_account, fname="Zyxomma")
    for named in (stranger.public_id, stranger.email, stranger.mobile_number, "nobody"):
        page = alice.signed_in().post(address("try", template_of(account, "sms")), {"preview_customer": named})
        assert "There is no customer" in page.content.decode()
        assert "Zyxomma" not in page.content.decode()


def test_what_the_lint_warns_of(account: Account):
    assert findings(template_of(account, "sms")) == []
    mail = template_of(account, "email")
    assert findings(mail) == []
    mail.account.postal_address = ""
    mail.subject = "?" * 80
    mail.body += " http://example.com {{ unsubscribe_link }}"
    mail.body = mail.body.replace("<a ", "<b ")
    found = findings(mail)
    assert ("warning", "account") in found
    assert ("warning", "subject") in found
    assert found.count(("warning", "body")) == 2


def test_a_test_goes_to_the_team_and_to_nobody_else(account: Account, alice: Person):
    template = template_of(account, "email")
    hers = alice.signed_in()

    def send(to: str, template: MessageTemplate = template) -> str:
        response = hers.post(address("test", template), {"test_to": to, "subject": "As typed"})
        return next(str(each) for each in hers.get(response["Location"]).context["messages"])

    assert send("Alice@example.com") == "A test went to Alice@example.com. Its links lead nowhere."
    [entry] = OutboxEntry.objects.all()
    assert (entry.address, entry.subject, entry.account) == ("alice@example.com", "[Test] As typed", account)
    assert send("jane@example.com") == "A test goes to somebody who signs in to this account."
    suppressions.suppress(
        account=account, channel="all", reason="unsubscribe", source="recipient", address="alice@example.com"
    )
    assert send("alice@example.com") == "This address does not want messages."
    assert not Message.objects.exists()


def test_a_test_by_sms_is_charged(account: Account, alice: Person):
    template = template_of(account, "sms")
    Account.objects.update(sms_allowance=1)
    hers = alice.signed_in()
    for number in ("+12012000001", "+12012000001", "+1201"):
        hers.post(address("test", template), {"test_to": number, "body": "Hi {{ link }}"})
    assert [entry.address for entry in OutboxEntry.objects.all()] == ["+12012000001"]


def test_tests_are_not_a_way_to_send_many(account: Account, alice: Person):
    template = template_of(account, "email")
    hers = alice.signed_in()
    for _ in range(12):
        hers.post(address("test", template), {"test_to": "alice@example.com"})
    assert OutboxEntry.objects.count() < 12


@pytest.mark.parametrize("page", ["try", "test"])
def test_charlie_and_the_restricted_try_nothing(account: Account, charlie: Person, page: str):
    template = template_of(account, "email")
    rita: Any = person("Rita", account, Membership.Role.RESTRICTED)
    for who in (charlie, rita):
        response = who.signed_in().post(address(page, template), {"test_to": "charlie@example.com"})
        assert response.status_code in (302, 403, 404)
        assert template.name not in response.content.decode()
    assert not OutboxEntry.objects.exists()


def test_a_saved_template_still_says_what_it_lacks(account: Account, alice: Person):
    template = templates.create(
        account=account, name="Short", channel="sms", body="Rate us {{ link }}", actor=alice.actor
    )
    page = alice.signed_in().get(address("change", template)).content.decode()
    assert "It does not say how to opt out" in page
    assert "Preview what is typed" in page
