"""What is wrong with a template, and what will cost money or trust: said while it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from campaigns.domain import templates, words
from campaigns.domain.rendering import Rendered
from campaigns.domain.sms_segments import BASIC, EXTENDED, segments
from campaigns.models import MessageTemplate

_STOP = re.compile(
    r"\b(stop|unsubscribe|opt.?out|abmelden|arr[eê]t|afmelden|baja|cancelar|disiscri\w+)\b", re.IGNORECASE
)
_PLAIN_LINK = re.compile(r"http://", re.IGNORECASE)
LONG_SUBJECT = 70


@dataclass(frozen=True)
class Finding:
    """An error cannot be saved; a warning is for whoever writes to judge."""

    level: Literal["error", "warning"]
    field: str
    message: str


def lint(*, template: MessageTemplate, rendered: Rendered | None) -> list[Finding]:
    """`rendered` is the template with somebody's values, None when it cannot be rendered."""
    found = [Finding("error", problem.name, problem.message) for problem in templates.check(template)]
    sms = template.channel == MessageTemplate.Channel.SMS
    found += _about_sms(template, rendered) if sms else _about_mail(template)
    if _PLAIN_LINK.search(template.body):
        found.append(Finding("warning", "body", "A link starts with http://: use https://."))
    return found


def _about_sms(template: MessageTemplate, rendered: Rendered | None) -> list[Finding]:
    found = []
    if not _STOP.search(template.body):
        hint = words.say(words.choose(template.account.language), "sms_hint")
        said = f"It does not say how to opt out, such as “{hint}”"
        found.append(Finding("warning", "body", said))
    if rendered is None:
        return found
    measured = segments(rendered.text)
    if measured.encoding == "UCS-2":
        odd = list(dict.fromkeys(char for char in rendered.text if char not in BASIC | EXTENDED))
        said = f"{' '.join(odd[:8])} makes every segment hold 70 characters instead of 160."
        found.append(Finding("warning", "body", said))
    if measured.count > 1:
        found.append(Finding("warning", "body", f"It is charged as {measured.count} segments."))
    return found


def _about_mail(template: MessageTemplate) -> list[Finding]:
    found = []
    if not template.account.postal_address.strip():
        said = "The account has no postal address: campaigns that send this cannot be launched."
        found.append(Finding("warning", "account", said))
    if len(template.subject) > LONG_SUBJECT:
        found.append(Finding("warning", "subject", f"Beyond {LONG_SUBJECT} characters many programs cut a subject."))
    if "unsubscribe_link" in template.body and "<a" not in template.body:
        found.append(Finding("warning", "body", "The unsubscribe link is not clickable: put it into <a href>."))
    return found
