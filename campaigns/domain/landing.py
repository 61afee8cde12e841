"""The page behind a request's link: one question, then a comment, then the review links for everyone alike.

Looking stores nothing, because mail scanners look at every link. There is no state but the request's row: which step
comes next follows from what has been answered, so the link works from any device and after a reload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.branding import Brand
from accounts.models import Account
from campaigns.domain import brands, enrolments, words
from campaigns.models import FeedbackRequest
from crm.models import Location
from feedback.domain import promotion, responses
from feedback.models import Response
from feedbackhub.errors import NotFound
from feedbackhub.ids import is_token
from reviews.models import ReviewProfile

# A link is answered within this time of its due date or not at all; then a new request may follow.
LINK_LIFE = timedelta(days=180)
WEB = ("https://", "http://")

# Keys of campaigns.domain.words.
QUESTIONS = {
    Response.Kind.NPS: "question_nps",
    Response.Kind.STAR_RATING: "question_stars",
    Response.Kind.HAPPY: "question_happy",
}


class Step(StrEnum):
    QUESTION = "question"
    COMMENT = "comment"
    DONE = "done"
    CLOSED = "closed"


class Closed(StrEnum):
    """Why a page asks nothing any more."""

    ACCOUNT = "account"
    LOCATION = "location"
    EXPIRED = "expired"


@dataclass(frozen=True)
class ReviewLink:
    """`key` names the stored address without being a row number."""

    key: str
    platform: str
    url: str

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


@dataclass(frozen=True)
class Page:
    """What may be shown to whoever holds the link: nothing about the person, no word of their comment."""

    step: Step
    brand: Brand
    location: str
    kind: Response.Kind
    # The business's language, and before it the person's where that is known.
    languages: tuple[str, ...]
    closed: Closed | None = None
    score: int | bool | None = None
    unhappy: bool = False
    commented: bool = False
    review_links: tuple[ReviewLink, ...] = ()

    @property
    def question(self) -> str:
        """A key of campaigns.domain.words."""
        return QUESTIONS[self.kind]


def question_of(*, account: Account, kind: str, name: str) -> str:
    """The question as it is kept with the answers: one wording for all of an account's, whoever read it in what
    language."""
    return words.say(words.choose(account.language), QUESTIONS[Response.Kind(kind)], name=name)


def view(*, token: str, skip_comment: bool = False, now: datetime | None = None) -> Page:
    """The page as it stands. Raises NotFound for a token that is nobody's."""
    return _page(_request(token), skip_comment=skip_comment, now=now or timezone.now())


def answer(
    *,
    token: str,
    score: int | bool | None = None,
    comment: str = "",
    suspicions: Iterable[str] = (),
    now: datetime | None = None,
) -> Page:
    """Store the score if none is stored yet, and the comment likewise; then the page as it stands.

    A second score changes nothing, a closed page stores nothing. Raises NotFound, and Invalid for a score or comment
    that cannot be stored. `suspicions` are kept with the score for staff to judge by.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        # Two posts of one link arrive at once: the second waits here and finds the answer of the first.
        request = _request(token, lock=True)
        who = _person(request)
        with actors.acting(who):
            if _closed(request, moment) is None:
                stored = _answer(request, score, tuple(suspicions), who, now)
                if stored:
                    enrolments.answered(request=request)
                stored = _comment(request, comment, who, now) or stored
                if stored:
                    request.clicked_at = request.clicked_at or moment
                    request.save(update_fields=["response", "clicked_at", "updated_at"])
    return _page(request, skip_comment=False, now=moment)


def seen(*, token: str, now: datetime | None = None) -> None:
    """A person, not a scanner, is on the page. Raises NotFound."""
    moment = now or timezone.now()
    with transaction.atomic():
        request = _request(token, lock=True)
        if request.clicked_at is None:
            request.clicked_at = moment
            with actors.acting(_person(request)):
                request.save(update_fields=["clicked_at", "updated_at"])


def follow(*, token: str, key: str) -> str:
    """Note which platform's link was followed; the address to go to, always a stored one. Raises NotFound."""
    with transaction.atomic():
        request = _request(token, lock=True)
        if _closed(request, timezone.now()) is not None:
            raise NotFound("This page is closed.")
        link = next((link for link in review_links(location=request.location) if link.key == key), None)
        if link is None:
            raise NotFound("No such review page.")
        response = request.response
        if response is not None and response.platform_name != link.platform:
            with actors.acting(_person(request)):
                response.platform_name = link.platform
                response.save(update_fields=["platform_name"])
                request.save(update_fields=["updated_at"])
    return link.url


def is_unhappy(response: Response) -> bool:
    """Chooses words on the page, never links."""
    return promotion.is_unhappy(response)


def review_links(*, location: Location) -> tuple[ReviewLink, ...]:
    """Where a location can be reviewed, in the order its pages were added: the same for every score."""
    profiles = ReviewProfile.objects.filter(location=location).select_related("platform").order_by("id")
    return tuple(
        ReviewLink(_key(profile.url), profile.platform.name, profile.url)
        for profile in profiles
        if profile.url.lower().startswith(WEB)
    )


def _request(token: str, *, lock: bool = False) -> FeedbackRequest:
    if not is_token(token):
        raise NotFound("No such page.")
    rows = FeedbackRequest.objects.filter(landing_token=token, account__deleted_at=None)
    if lock:
        # On its own: whoever waits for a lock gets the new version of the locked row, but joined rows as they were
        # before the wait, so that an answer stored meanwhile would be missed.
        rows.select_for_update(of=("self",)).values_list("pk").first()
    joined = rows.select_related("account", "location", "template", "customer", "response__score")
    request = joined.defer("template__body", "template__text_body").first()
    if request is None:
        raise NotFound("No such page.")
    return request


def _page(request: FeedbackRequest, *, skip_comment: bool, now: datetime) -> Page:
    kind = Response.Kind(request.template.question)
    brand = brands.of_request(request)
    languages = (request.customer.language, request.account.language)
    location = "" if request.location.name == brand.name else request.location.name
    closed, response = _closed(request, now), request.response
    if closed is not None:
        return Page(Step.CLOSED, brand, location, kind, languages, closed=closed)
    if response is None:
        return Page(Step.QUESTION, brand, location, kind, languages)
    commented = response.comment_id is not None
    done = commented or skip_comment or _too_old(request, now)
    return Page(
        Step.DONE if done else Step.COMMENT,
        brand,
        location,
        Response.Kind(response.kind),
        languages,
        score=responses.score_of(response),
        unhappy=promotion.is_unhappy(response),
        commented=commented,
        review_links=review_links(location=request.location) if done else (),
    )


def _closed(request: FeedbackRequest, now: datetime) -> Closed | None:
    if not request.account.active:
        return Closed.ACCOUNT
    if request.location.deleted_at is not None:
        return Closed.LOCATION
    if request.response_id is None and _too_old(request, now):
        return Closed.EXPIRED
    return None


def _too_old(request: FeedbackRequest, now: datetime) -> bool:
    return now > max(request.due_at, request.created_at) + LINK_LIFE


def _answer(
    request: FeedbackRequest,
    score: int | bool | None,
    suspicions: tuple[str, ...],
    who: Actor,
    at: datetime | None,
) -> bool:
    if score is None or request.response_id is not None:
        return False
    request.response = responses.submit(
        account=request.account,
        kind=request.template.question,
        score=score,
        actor=who,
        customer=request.customer,
        location=request.location,
        source_id=request.public_id,
        question=question_of(
            account=request.account, kind=request.template.question, name=request.account.display_name
        ),
        metadata={"suspicions": list(suspicions)} if suspicions else None,
        at=at,
    )
    return True


def _comment(request: FeedbackRequest, comment: str, who: Actor, at: datetime | None) -> bool:
    response = request.response
    if response is None or _too_old(request, at or timezone.now()):
        return False
    return responses.add_comment(response=response, comment=comment, actor=who, at=at)


def _person(request: FeedbackRequest) -> Actor:
    return actors.person(request.customer.public_id)


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]
