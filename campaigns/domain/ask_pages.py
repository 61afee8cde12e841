"""Standing pages of locations: a kiosk, and the link behind a QR code.

Looking stores nothing, and an answer has no owner.
"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.utils import timezone

from accounts.domain.actors import PERSON, Actor, acting
from accounts.domain.branding import brand_of
from accounts.models import Account
from campaigns.domain import landing
from campaigns.domain.landing import Closed, Page, Step
from campaigns.models import AskPage
from crm.models import Location
from feedback.domain import responses
from feedback.models import Response
from feedbackhub.errors import Conflict, NotFound
from feedbackhub.ids import is_token

# How long after the score a comment may follow.
COMMENT_TIME = timedelta(minutes=10)


def create(*, account: Account, location: Location, question: str, actor: Actor) -> AskPage:
    """Conflict when the location has one."""
    if AskPage.objects.for_account(account).filter(location=location).exists():
        raise Conflict("This location has its page already.")
    with acting(actor):
        return AskPage.objects.create(account=account, location=location, question=question)


def update(*, page: AskPage, changes: dict[str, Any], actor: Actor) -> None:
    """`question` and `active`; the address stays, because it is printed."""
    for name, value in changes.items():
        setattr(page, name, value)
    with acting(actor):
        page.save(update_fields=[*changes, "updated_at"])


def by_token(token: str) -> AskPage:
    if not is_token(token):
        raise NotFound("No such page.")
    rows = AskPage.objects.filter(token=token, account__deleted_at=None).select_related("account", "location")
    page = rows.first()
    if page is None:
        raise NotFound("No such page.")
    return page


def question(page: AskPage) -> Page:
    """What is shown to whoever comes."""
    closed = _closed(page)
    return _shown(page, Step.CLOSED if closed else Step.QUESTION, closed=closed)


def answer(*, page: AskPage, score: int | bool, by: str) -> Response | None:
    """Stores a score of nobody in particular; None on a closed page. `by` is "kiosk" or "link". Raises Invalid."""
    if _closed(page):
        return None
    return responses.submit(
        account=page.account,
        kind=page.question,
        score=score,
        actor=PERSON,
        location=page.location,
        channel="kiosk",
        source_id=page.public_id,
        question=landing.question_of(account=page.account, kind=page.question, name=page.account.display_name),
        metadata={"by": by},
    )


def comment(*, page: AskPage, response: str, text: str) -> Page:
    """Joins a comment to the answer that was just given here; then the last page. Raises NotFound, Invalid."""
    rows = Response.objects.for_account(page.account).select_related("score", "comment")
    recent = rows.filter(created_at__gt=timezone.now() - COMMENT_TIME, score__source_id=page.public_id)
    found = recent.filter(public_id=response).first()
    if found is None:
        raise NotFound("No such answer.")
    responses.add_comment(response=found, comment=text, actor=PERSON)
    return after(page=page, response=found, step=Step.DONE)


def after(*, page: AskPage, response: Response | None, step: Step, links: bool = True) -> Page:
    """The page after an answer. Review links are for everyone alike, whatever the score."""
    if response is None:
        return _shown(page, step, review_links=landing.review_links(location=page.location) if links else ())
    return _shown(
        page,
        step,
        score=responses.score_of(response),
        unhappy=landing.is_unhappy(response),
        commented=response.comment_id is not None,
        review_links=landing.review_links(location=page.location) if links and step is Step.DONE else (),
    )


def link(page: AskPage, *, kiosk: bool = False) -> str:
    domain = page.account.branded_domain
    base = f"https://{domain}" if domain else settings.BASE_URL
    return f"{base}/{'kiosk' if kiosk else 'l'}/{page.token}"


def qr_svg(page: AskPage) -> bytes:
    """The link as a QR code that survives a coffee stain (error correction Q)."""
    written = BytesIO()
    segno.make(link(page), error="q", micro=False).save(written, kind="svg", scale=8, border=4)
    return written.getvalue()


def _shown(page: AskPage, step: Step, **more: Any) -> Page:
    brand = brand_of(page.account)
    location = "" if page.location.name == brand.name else page.location.name
    return Page(step, brand, location, Response.Kind(page.question), (page.account.language,), **more)


def _closed(page: AskPage) -> Closed | None:
    if not page.account.active or not page.active:
        return Closed.ACCOUNT
    return Closed.LOCATION if page.location.deleted_at is not None else None
