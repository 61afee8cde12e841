"""Trying a template while it is written: how it arrives at a customer of choice, what is wrong with it, a test send.

The preview is a form's answer in a frame: it works without JavaScript, by a button; with it, while one types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accounts.admin.reach import reach_of
from accounts.domain.roles import May
from accounts.models import Account
from campaigns.admin.mail_frame import mail_frame
from campaigns.domain import linting, templates, trying
from campaigns.domain.rendering import Rendered
from campaigns.domain.rendering.language import TemplateError
from campaigns.domain.rendering.preview import preview
from campaigns.domain.sms_segments import segments
from campaigns.models import MessageTemplate
from crm.domain.queries import customers
from crm.models import Customer
from feedbackhub.api import limits
from feedbackhub.errors import HubError, Refused

WORDS = ("name", "question", "subject", "body", "text_body")
TESTS_A_MINUTE = 5


@dataclass(frozen=True)
class Tried:
    """A template as typed, and what became of it with somebody's values."""

    template: MessageTemplate
    customer: Customer | None
    unknown_customer: str
    rendered: Rendered | None
    problem: str


def try_out(template: MessageTemplate, request: HttpRequest) -> Tried:
    """`template` with the posted words; it is not saved."""
    for name in WORDS:
        if name in request.POST:
            setattr(template, name, request.POST[name][: templates.MAX_BODY[MessageTemplate.Channel.EMAIL] + 1])
    wanted = request.POST.get("preview_customer", "").strip()[:254]
    customer = _customer(request, template.account, wanted)
    try:
        rendered, problem = preview(template, customer=customer), ""
    except TemplateError as error:
        rendered, problem = None, f"This template {error}."
    return Tried(template, customer, wanted if wanted and customer is None else "", rendered, problem)


def frame(template: MessageTemplate, request: HttpRequest) -> HttpResponse:
    tried = try_out(template, request)
    rendered = tried.rendered
    context: dict[str, Any] = {
        "tried": tried,
        "rendered": rendered,
        "findings": linting.lint(template=tried.template, rendered=rendered),
        "measured": segments(rendered.text) if rendered and not rendered.html else None,
    }
    return mail_frame(render_to_string("console/template_frame.html", context, request))


def send_test(template: MessageTemplate, request: HttpRequest) -> str:
    """What to say. Raises HubError."""
    tried = try_out(template, request)
    if tried.rendered is None:
        raise Refused(tried.problem)
    if not limits.take(f"template:test:{template.account_id}", TESTS_A_MINUTE).allowed:
        raise Refused("That were many tests: wait a minute.")
    address = request.POST.get("test_to", "")[:254]
    trying.send(template=template, rendered=tried.rendered, address=address)
    return f"A test went to {address.strip()}. Its links lead nowhere."


def _customer(request: HttpRequest, account: Account, wanted: str) -> Customer | None:
    """By id, e-mail address or number; only for whoever may see customers."""
    if not wanted or not reach_of(request).may(May.SEE_CUSTOMERS, account.pk):
        return None
    try:
        return customers.named(account, wanted)
    except HubError:
        return None
