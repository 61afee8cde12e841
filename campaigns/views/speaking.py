"""In which language a page speaks."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from campaigns.domain import words
from campaigns.domain.landing import Page
from feedback.domain.responses import COMMENT_LENGTH
from feedbackhub.errors import Invalid

# An honest list is short; reading a long one takes time.
HEADER_LENGTH = 200


def accepted(request: HttpRequest) -> list[str]:
    """What the browser asks for, best first."""
    header = request.headers.get("Accept-Language", "")[:HEADER_LENGTH]
    return [language for language, weight in parse_accept_lang_header(header) if weight > 0]


def language_for(request: HttpRequest, *languages: str) -> str:
    """The person's own language, if it is known, before the browser's; the last given, the business's, after it."""
    *persons, business = languages
    return words.choose(*persons, *accepted(request), business)


def language_of(request: HttpRequest, page: Page) -> str:
    return language_for(request, *page.languages)


def problem_of(error: Invalid) -> str:
    """The key of what the person is told about their answer."""
    return "comment_too_long" if any(one.name == "comment" for one in error.problems) else "nothing_chosen"


def tell(language: str, problem: str) -> str:
    """`problem` is a key, or "" for none."""
    return words.say(language, problem, limit=COMMENT_LENGTH) if problem else ""
