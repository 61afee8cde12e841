"""Templates are checked when saved."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.domain import accounts
from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import templates
from campaigns.domain.queries.requests import templates_of
from campaigns.models import MessageTemplate
from feedbackhub.errors import Invalid

pytestmark = pytest.mark.django_db

MAIL = {"name": "Ask", "channel": "email", "subject": "How was it?", "body": '<p><a href="{{ link }}">Say</a></p>'}
SMS = {"name": "Ask", "channel": "sms", "body": "Hi {{ customer.fname }}, how was it? {{ link }}"}


def create(account: Account, given: dict[str, Any]) -> MessageTemplate:
    return templates.create(account=account, actor=SYSTEM, **given)


def problems(account: Account, given: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        create(account, given)
    assert not MessageTemplate.objects.exists()
    return [(problem.name, problem.message) for problem in caught.value.problems]


def test_a_mail_and_an_sms_are_saved_as_written(account: Account):
    mail, sms = create(account, MAIL), create(account, SMS)
    assert (mail.channel, mail.question, mail.subject) == ("email", "nps", "How was it?")
    assert (sms.channel, sms.subject, sms.body) == ("sms", "", SMS["body"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"channel": "fax"}, "channel"),
        ({"question": "csat"}, "question"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "Hi\r\nBcc: all@example.com"}, "subject"),
        ({"subject": "Hi\x00"}, "subject"),
        ({"subject": "Hi {{ customer.age }}"}, "subject"),
        ({"body": "<p>No way to answer</p>"}, "body"),
        ({"body": "{{ link }}" + "x" * 50_001}, "body"),
        ({"body": "{{ link }}\0"}, "body"),
        ({"text_body": "No way to answer"}, "text_body"),
    ],
)
def test_a_mail_that_could_not_be_sent_is_refused_by_field(account: Account, changes: dict[str, Any], field: str):
    assert [name for name, _ in problems(account, MAIL | changes)] == [field]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{{ link }} {{7*7}}", "unexpected '*'"),
        ("{{ link }} {% load admin %}", "unexpected tag 'load'"),
        ("{{ link }} {% for x in (1..9) %}x{% endfor %}", "unexpected tag 'for'"),
        ("{{ link }} {% include 'x' %}", "unexpected tag 'include'"),
        ("{{ link }} {% if customer.fname %}", "end"),
        ("{{ link }} {{ customer.fname | replace: '', 'xxxxxxxxxx' }}", "unknown filter replace"),
        ("{{ link }} {{ customer.fname | safe }}", "unknown filter safe"),
        ("{{ link }} {{ customer.fname", "expected"),
        ("{{ link }} {{ customer.__class__ }}", "Unknown value customer.__class__"),
        ("{{ link }} {{ settings.SECRET_KEY }}", "Unknown value settings.SECRET_KEY"),
        ("{{ link }} {{ customer }}", "Unknown value customer."),
        ("{{ link }} {{ customer[account.name] }}", "Unknown value"),
    ],
)
def test_a_body_that_is_no_template_of_ours_is_refused_with_the_reason(account: Account, body: str, why: str):
    found = problems(account, MAIL | {"body": body}) + problems(account, SMS | {"body": body})
    assert [name for name, _ in found] == ["body", "body"]
    assert all(why in message for _, message in found)


def test_python_format_strings_stay_what_they_are(account: Account):
    assert create(account, SMS | {"body": "{{ link }} {x.__class__} %(a)s"}).body == "{{ link }} {x.__class__} %(a)s"


def test_an_sms_of_more_than_ten_segments_is_refused(account: Account):
    [(field, message)] = problems(account, SMS | {"body": "{{ link }}" + "ž" * 700})
    assert (field, "SMS segments" in message) == ("body", True)


def test_an_sms_has_no_subject_and_one_text(account: Account):
    found = problems(account, SMS | {"subject": "Hi", "text_body": "{{ link }}"})
    assert [name for name, _ in found] == ["subject", "text_body"]


def test_doubling_in_assignments_hits_the_limit_when_saved(account: Account):
    doubling = "{% assign a = 'xxxxxxxxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 20
    [(field, message)] = problems(account, MAIL | {"body": doubling + "{{ link }}"})
    assert (field, "limit" in message) == ("body", True)


@pytest.mark.parametrize(("verb", "words"), [("use", "using {{ account.name }}"), ("visit", "visiting {{ location")])
def test_a_new_account_has_one_mail_and_one_sms_in_its_own_words(db: None, verb: str, words: str):
    account = accounts.create(name="New", verb=verb, actor=SYSTEM)
    found = MessageTemplate.objects.for_account(account).order_by("channel")
    assert [template.channel for template in found] == ["email", "sms"]
    assert all(words in template.body for template in found)


def test_an_account_made_after_another_has_copies_of_its_templates(account: Account):
    agency = accounts.create(name="Agency", is_agency=True, actor=SYSTEM)
    pattern = accounts.create(name="Pattern", parent=agency, actor=SYSTEM)
    MessageTemplate.objects.for_account(pattern).filter(channel="sms").delete()
    MessageTemplate.objects.for_account(pattern).update(name="Ours", question="happy")
    made = accounts.create(name="Client", parent=agency, template=pattern, actor=SYSTEM)
    assert list(MessageTemplate.objects.for_account(made).values_list("name", "question")) == [("Ours", "happy")]


def test_a_change_is_checked_like_a_new_one(account: Account):
    template = create(account, SMS)
    templates.update(template=template, changes={"body": "Well? {{ link }}"}, actor=SYSTEM)
    with pytest.raises(Invalid) as caught:
        templates.update(template=template, changes={"name": "Short", "body": "No way to answer"}, actor=SYSTEM)
    assert [problem.name for problem in caught.value.problems] == ["body"]
    stored = MessageTemplate.objects.get()
    assert (stored.name, stored.body) == ("Ask", "Well? {{ link }}")


def test_a_deleted_template_can_be_used_no_more(account: Account):
    kept, gone = create(account, SMS), create(account, SMS)
    templates.delete(template=gone, actor=SYSTEM)
    assert list(templates_of(account)) == [kept]
