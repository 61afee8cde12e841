"""Message templates: checked when saved, so that a batch never stops at a bad one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.domain.actors import SYSTEM, Actor, acting
from accounts.models import Account
from campaigns.domain.rendering import language, mail, render_sms, values
from campaigns.models import Campaign, MessageTemplate, Step
from feedback.models import Response
from feedbackhub.errors import FieldProblem, Invalid, Refused

Channel = MessageTemplate.Channel

MAX_BODY = {Channel.EMAIL: 50_000, Channel.SMS: 1_600}

_WHAT = {
    Account.Verb.USE: "using {{ account.name }}",
    Account.Verb.VISIT: "visiting {{ location.name }}",
}
_SUBJECT = {
    Account.Verb.USE: "How are we doing, {{ customer.fname | default: 'in your words' }}?",
    Account.Verb.VISIT: "How was your visit to {{ location.name }}?",
}


def create(
    *,
    account: Account,
    name: str,
    channel: str,
    body: str,
    actor: Actor,
    subject: str = "",
    text_body: str = "",
    question: str = Response.Kind.NPS,
) -> MessageTemplate:
    """Raises Invalid naming every field at fault; nothing is stored then."""
    template = MessageTemplate(
        account=account,
        name=name.strip(),
        channel=channel,
        question=question,
        subject=subject,
        body=body,
        text_body=text_body,
    )
    problems = check(template)
    if problems:
        raise Invalid.many(problems)
    with acting(actor):
        template.save()
    return template


def update(*, template: MessageTemplate, changes: Mapping[str, Any], actor: Actor) -> MessageTemplate:
    """Change fields by their names; messages that are scheduled keep their words. Raises Invalid as `create`."""
    for field, value in changes.items():
        setattr(template, field, value)
    problems = check(template)
    if problems:
        raise Invalid.many(problems)
    with acting(actor):
        template.save(update_fields=[*changes, "updated_at"])
    return template


def delete(*, template: MessageTemplate, actor: Actor) -> None:
    """Soft: requests that were made with it still name it. Refused while a campaign that is not over uses it."""
    used = Step.objects.filter(template=template, removed_at=None, campaign__state__in=Campaign.OPEN)
    if step := used.select_related("campaign").order_by("pk").first():
        raise Refused(f"The campaign {step.campaign} uses this template: change its steps first.")
    template.deleted_at = timezone.now()
    with acting(actor):
        template.save(update_fields=["deleted_at", "updated_at"])


def defaults_for(account: Account, *, template_of: Account | None = None) -> list[MessageTemplate]:
    """What a new account starts with: copies of another's templates, or one e-mail and one SMS."""
    if template_of is not None:
        found = MessageTemplate.objects.for_account(template_of).alive().order_by("pk")
        copies = [_copy(template, account) for template in found]
        if copies:
            return copies
    what, subject = _WHAT[Account.Verb(account.verb)], _SUBJECT[Account.Verb(account.verb)]
    return [
        create(
            account=account,
            name="Feedback request by e-mail",
            channel=Channel.EMAIL,
            subject=subject,
            body=(
                "<p>Hello {{ customer.fname | default: 'there' }},</p>\n"
                f"<p>Thank you for {what}. How did we do? It takes less than a minute.</p>\n"
                '<p><a class="button" href="{{ link }}">Tell us what you think</a></p>\n'
                "<p>Thank you,<br>{{ account.name }}</p>"
            ),
            actor=SYSTEM,
        ),
        create(
            account=account,
            name="Feedback request by SMS",
            channel=Channel.SMS,
            body=(
                f"Hi {{{{ customer.fname | default: 'there' }}}}, thank you for {what}. How did we do? {{{{ link }}}} "
                "Reply STOP to opt out."
            ),
            actor=SYSTEM,
        ),
    ]


def check(template: MessageTemplate) -> list[FieldProblem]:
    """Everything that is wrong with a template that is about to be saved."""
    problems = []
    if not template.name or len(template.name) > 200:
        problems.append(FieldProblem("name", "Give a name of at most 200 characters."))
    if template.question not in Response.Kind.values:
        problems.append(FieldProblem("question", f"Must be one of: {', '.join(Response.Kind.values)}."))
    if template.channel not in Channel.values:
        return [*problems, FieldProblem("channel", f"Must be one of: {', '.join(Channel.values)}.")]
    problems += _check_subject(template) + _check_body(template)
    return problems


def _check_subject(template: MessageTemplate) -> list[FieldProblem]:
    subject = template.subject
    if template.channel == Channel.SMS:
        return [FieldProblem("subject", "An SMS has no subject.")] if subject else []
    if not subject.strip() or len(subject) > 200:
        return [FieldProblem("subject", "Give a subject of at most 200 characters.")]
    if subject != values.one_line(subject):
        # A line break would let the rest of the subject become headers of its own.
        return [FieldProblem("subject", "Use one line without control characters or blanks at the ends.")]
    return _check_liquid("subject", subject)


def _check_body(template: MessageTemplate) -> list[FieldProblem]:
    limit = MAX_BODY[Channel(template.channel)]
    html = template.channel == Channel.EMAIL
    for field, source in (("body", template.body), ("text_body", template.text_body)):
        if len(source) > limit:
            return [FieldProblem(field, f"At most {limit} characters.")]
        if "\0" in source:
            return [FieldProblem(field, "Must not hold NUL.")]
    if template.text_body and not html:
        return [FieldProblem("text_body", "An SMS has one text only: body.")]
    problems = _check_liquid("body", template.body, html=html) + _check_liquid("text_body", template.text_body)
    return problems or _check_rendered(template)


def _check_liquid(field: str, source: str, *, html: bool = False) -> list[FieldProblem]:
    try:
        unknown = language.variables(source, html=html) - values.names()
        if not unknown:
            language.render(source, values.SAMPLE, html=html)
    except language.TemplateError as error:
        return [FieldProblem(field, f"Not a usable Liquid template: {error}.")]
    if unknown:
        known = ", ".join(sorted(values.names()))
        return [FieldProblem(field, f"Unknown value {', '.join(sorted(unknown))}. There are: {known}.")]
    return []


def _check_rendered(template: MessageTemplate) -> list[FieldProblem]:
    """With sample values: an SMS of a size that can be sent, and somewhere to answer."""
    link = str(values.SAMPLE["link"])
    try:
        if template.channel == Channel.SMS:
            parts = {"body": render_sms(template.body, dict(values.SAMPLE)).text}
        else:
            parts = {"body": mail.clean(language.render(template.body, values.SAMPLE, html=True))}
            if template.text_body:
                parts["text_body"] = language.render(template.text_body, values.SAMPLE)
    except language.TemplateError as error:
        return [FieldProblem("body", f"It {error}.")]
    return [
        FieldProblem(field, "It must contain {{ link }}, or nobody could answer.")
        for field, rendered in parts.items()
        if link not in rendered
    ]


def _copy(template: MessageTemplate, account: Account) -> MessageTemplate:
    return create(
        account=account,
        name=template.name,
        channel=template.channel,
        question=template.question,
        subject=template.subject,
        body=template.body,
        text_body=template.text_body,
        actor=SYSTEM,
    )
