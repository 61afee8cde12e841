"""Every page that a customer sees, on a phone and a tablet, in light and dark: nothing is wider than the screen.

PICTURES=1 ./test tests/browser/test_pictures.py also takes the pictures that docs/pages.md shows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import ask_pages, requests
from campaigns.models import AskPage, FeedbackRequest, MessageTemplate
from crm.models import Customer, Location
from reviews.models import Platform, ReviewProfile
from tests.campaigns.asking import message_of
from tests.conftest import Person

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage

DOCS = Path(__file__).resolve().parents[2] / "docs"
PHONE, TABLET, DESK = (390, 700), (1024, 700), (1180, 900)
MAIL = (
    "<p>Hello {{ customer.fname }},</p><p>Thank you for your visit to {{ location.name }}. How did we do? It takes "
    'less than a minute.</p><p><a class="button" href="{{ link }}">Tell us what you think</a></p>'
    "<p>Thank you,<br>{{ account.name }}</p>"
)


@dataclass
class Shop:
    """What the pages are about."""

    account: Account
    location: Location
    kiosk: AskPage

    def asked(self, question: str, channel: str = "sms", language: str = "") -> FeedbackRequest:
        name = f"{question} by {channel} in {language}"
        body = {"subject": "How was your visit?", "body": MAIL} if channel == "email" else {"body": "{{ link }}"}
        template = MessageTemplate.objects.create(
            account=self.account, name=name, channel=channel, question=question, **body
        )
        customer = Customer.objects.create(
            account=self.account,
            fname="Maria",
            email=f"{len(name)}@example.com",
            mobile_number="+12125550123",
            language=language,
        )
        customer.locations.add(self.location)
        return requests.create(
            account=self.account, customer=customer, template=template, location=self.location, actor=SYSTEM
        )


@pytest.fixture
def shop(transactional_db: None, account: Account) -> Shop:
    location = Location.objects.create(account=account, name="Main Street", country_code="AT")
    for name in ("Google", "Tripadvisor"):
        platform, _ = Platform.objects.get_or_create(slug=name.lower(), defaults={"name": name})
        url = f"https://www.{name.lower()}.example/bakery"
        ReviewProfile.objects.create(account=account, location=location, platform=platform, url=url)
    kiosk = ask_pages.create(account=account, location=location, question="star-rating", actor=SYSTEM)
    return Shop(account, location, kiosk)


@pytest.fixture(params=["light", "dark"])
def shade(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def look(open_page: OpenPage, shade: str) -> Callable[..., Page]:
    """A tab of that size."""

    def look(size: tuple[int, int], **options: Any) -> Page:
        width, height = size
        return open_page(
            viewport={"width": width, "height": height}, color_scheme=shade, reduced_motion="reduce", **options
        )

    return look


def taken(page: Page, name: str, shade: str) -> None:
    """The page fits; and its picture, if pictures are wanted."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{name} is {wide} wide on a screen of {screen}"
    path = DOCS / "images" / "pages" / f"{name}{'-dark' if shade == 'dark' else ''}.png"
    if os.environ.get("PICTURES") and f"({path.relative_to(DOCS)})" in (DOCS / "pages.md").read_text():
        page.screenshot(path=path, full_page=True, animations="disabled")
        assert path.stat().st_size < 100_000, f"{path} is too big for the documentation"


@pytest.mark.parametrize(
    ("question", "choice", "language"), [("nps", "9", ""), ("star-rating", "4", ""), ("happy", "unhappy", "de")]
)
def test_an_answer_on_a_phone(
    look: Callable[..., Page], shop: Shop, shade: str, question: str, choice: str, language: str
):
    page = look(PHONE)
    page.goto(f"/f/{shop.asked(question, language=language).landing_token}?score={choice}")
    taken(page, f"landing-{question}", shade)
    page.locator("form.stack button[type=submit]").click()
    page.locator("#comment").wait_for()
    taken(page, f"landing-{question}-comment", shade)
    page.locator("a.quiet").click()
    page.locator(".reviews").wait_for()
    taken(page, f"landing-{question}-done", shade)


def test_an_answer_at_the_counter(look: Callable[..., Page], shop: Shop, shade: str):
    page = look(TABLET)
    page.goto(f"/kiosk/{shop.kiosk.token}?score=5")
    taken(page, "kiosk", shade)
    page.locator("form.stack button[type=submit]").click()
    page.locator("#comment").wait_for()
    taken(page, "kiosk-comment", shade)
    page.locator("a.quiet").click()
    page.locator(".thanks").wait_for()
    taken(page, "kiosk-done", shade)


def test_the_page_behind_the_qr_code(look: Callable[..., Page], shop: Shop, shade: str):
    page = look(PHONE)
    page.goto(f"/l/{shop.kiosk.token}")
    taken(page, "permanent-link", shade)


def test_the_way_out(look: Callable[..., Page], shop: Shop, shade: str):
    page = look(PHONE)
    page.goto(f"/u/{message_of(shop.asked('nps', 'email')).unsubscribe_token}")
    taken(page, "unsubscribe", shade)
    page.locator("button[name=choice][value=email]").click()
    page.locator(".notice.success").wait_for()
    taken(page, "unsubscribe-some", shade)
    page.locator("form.stack:not(.preferences) button[type=submit]").click()
    page.locator("button[value=undo]").wait_for()
    taken(page, "unsubscribed", shade)


def test_a_link_that_leads_nowhere(look: Callable[..., Page], shop: Shop, shade: str):
    page = look(PHONE, locale="fr-FR")
    page.goto("/f/this-token-is-nobodys-")
    taken(page, "landing-missing", shade)


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_mail(look: Callable[..., Page], shop: Shop, shade: str, size: tuple[int, int]):
    page = look(size)
    page.set_content(message_of(shop.asked("nps", "email")).html_body)
    taken(page, "mail" if size == DESK else "mail-phone", shade)


def test_the_kiosk_in_the_console(look: Callable[..., Page], shop: Shop, alice: Person, live_server: Any, shade: str):
    page = look(DESK)
    session = alice.signed_in().cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(reverse("admin:campaigns_askpage_change", args=[shop.kiosk.pk]))
    page.locator("img[alt^='QR code']").wait_for()
    taken(page, "kiosk-console", shade)


def test_every_picture_of_the_documentation_is_there_and_small():
    shown = re.findall(r"\((images/pages/[\w-]+\.png)\)", (DOCS / "pages.md").read_text())
    assert sorted(shown) == sorted(str(path.relative_to(DOCS)) for path in (DOCS / "images/pages").glob("*.png"))
    assert max((DOCS / name).stat().st_size for name in shown) < 100_000
