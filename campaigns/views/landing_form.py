"""The landing form: its choices, what was sent, and the token that says it was sent from our page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import QueryDict

from campaigns.domain import words
from feedback.models import Response
from feedbackhub.errors import Invalid

# A page that was left open for longer is shown again, with what was chosen.
FORM_LIFE = timedelta(hours=24)
# Nobody reads a question and answers it faster; kept as a suspicion, never a reason to refuse.
HASTE = timedelta(seconds=1)
# Hidden from people by style sheet: whoever fills it in is a program.
TRAP = "website"
DIGITS = re.compile(r"[0-9]{1,2}")

HAPPY_WORDS = {"happy": True, "unhappy": False}
STARS = range(1, 6)


@dataclass(frozen=True)
class Choice:
    value: str
    # What a screen reader says; `word` is what is shown below the sign once it is chosen.
    label: str
    word: str = ""


def choices(kind: Response.Kind, language: str) -> tuple[Choice, ...]:
    if kind == Response.Kind.NPS:
        return tuple(Choice(str(score), str(score)) for score in range(11))
    if kind == Response.Kind.HAPPY:
        return tuple(Choice(value, words.say(language, value)) for value in HAPPY_WORDS)
    return tuple(_star(stars, language) for stars in STARS)


def _star(stars: int, language: str) -> Choice:
    word = words.say(language, f"star_{stars}")
    label = words.say(language, "one_star" if stars == 1 else "more_stars", count=stars, word=word)
    return Choice(str(stars), label, word)


def issue_token(link: str) -> str:
    """Signed, dated, good for one link: the page has no session and no cookie to protect it from other sites."""
    return _signer(link).sign("form")


def token_is_good(link: str, token: str, *, at_least: timedelta = timedelta()) -> bool:
    """Whether the token was issued for this link within FORM_LIFE and no sooner than `at_least` ago."""
    try:
        _signer(link).unsign(token, max_age=FORM_LIFE)
    except BadSignature:
        return False
    return not (at_least and _is_younger(link, token, at_least))


def suspicions(link: str, token: str) -> list[str]:
    return ["fast"] if _is_younger(link, token, HASTE) else []


def is_trapped(form: QueryDict) -> bool:
    return bool(form.get(TRAP))


def parse_score(text: str | None) -> int | bool | None:
    """The score as the domain takes it; None if nothing was chosen. Raises Invalid."""
    if not text:
        return None
    if text in HAPPY_WORDS:
        return HAPPY_WORDS[text]
    if not DIGITS.fullmatch(text):
        raise Invalid("Choose one of the answers.", field="score")
    return int(text)


def preselected(kind: Response.Kind, text: str | None) -> str:
    """The choice a link or a refused form names, if it is one of the question's."""
    return text if text in {choice.value for choice in choices(kind, words.FALLBACK)} else ""


def _is_younger(link: str, token: str, age: timedelta) -> bool:
    try:
        _signer(link).unsign(token, max_age=age)
    except BadSignature:
        return False
    return True


def _signer(link: str) -> TimestampSigner:
    # The link is part of the salt: a token of one page opens no other.
    return TimestampSigner(salt=f"campaigns.landing:{link}")
