"""The landing page in a real browser: by keyboard, by thumb, without scripts, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Account
from campaigns.domain import landing
from campaigns.models import FeedbackRequest, MessageTemplate
from crm.models import Customer, Location
from feedback.models import FeedbackItem, Response
from reviews.models import Platform, ReviewProfile

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage, Watch

PHONE = {"width": 360, "height": 740}
KINDS = ("nps", "star-rating", "happy")


@pytest.fixture
def account(transactional_db: None) -> Account:
    return Account.objects.create(name="Alice's Bakery")


@pytest.fixture
def location(account: Account) -> Location:
    return Location.objects.create(account=account, name="Main Street", country_code="AT")


def ask(location: Location, question: str = "nps") -> str:
    account = location.account
    template = MessageTemplate.objects.create(
        account=account, name="Ask", channel="sms", question=question, body="{{ link }}"
    )
    customer, _ = Customer.objects.get_or_create(account=account, email="jane@example.com")
    request = FeedbackRequest.objects.create(
        account=account, customer=customer, template=template, location=location, due_at=timezone.now()
    )
    return request.landing_token


def add_profile(location: Location, url: str, name: str = "Google") -> None:
    platform, _ = Platform.objects.get_or_create(slug=name.lower(), defaults={"name": name})
    ReviewProfile.objects.create(account=location.account, location=location, platform=platform, url=url)


def test_the_whole_way_by_keyboard_alone(open_page: OpenPage, location: Location) -> None:
    add_profile(location, "https://google.example/a")
    page = open_page()
    keys = page.keyboard
    page.goto(f"/f/{ask(location)}")

    keys.press("Tab")
    expect(page.get_by_role("radio", name="0", exact=True)).to_be_focused()
    for _ in range(3):
        keys.press("ArrowRight")
    expect(page.get_by_role("radio", name="3", exact=True)).to_be_checked()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    keys.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
    keys.press("Tab")
    keys.type("Too slow")
    keys.press("Tab")
    keys.press("Enter")

    expect(page.get_by_role("heading", name="Would you tell others, too?")).to_be_visible()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Review us on Google")).to_be_focused()
    response = Response.objects.get()
    assert (response.score.value_number, FeedbackItem.objects.get().message) == (3, "Too slow")


def test_the_whole_way_without_scripts(open_page: OpenPage, location: Location) -> None:
    page = open_page(java_script_enabled=False, viewport=PHONE, has_touch=True)
    page.goto(f"/f/{ask(location, 'star-rating')}")
    page.get_by_role("radio", name="4 stars").tap()
    page.get_by_role("button", name="Send").tap()
    page.get_by_role("link", name="No thanks").tap()
    expect(page.get_by_text("You gave 4 out of 5 stars.")).to_be_visible()
    assert Response.objects.get().score.value_number == 4


def test_sending_nothing_says_what_to_do(open_page: OpenPage, location: Location) -> None:
    page = open_page()
    page.goto(f"/f/{ask(location)}")
    page.locator("form").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("Choose one of the answers.")
    assert Response.objects.count() == 0


def test_a_link_with_a_score_comes_up_chosen_and_one_press_sends_it(open_page: OpenPage, location: Location) -> None:
    page = open_page()
    page.goto(f"/f/{ask(location)}?score=9")
    expect(page.get_by_role("radio", name="9")).to_be_checked()
    assert Response.objects.count() == 0
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("You gave 9 out of 10.")).to_be_visible()


def test_what_a_screen_reader_finds(open_page: OpenPage, location: Location) -> None:
    page = open_page()
    nps = ask(location)
    page.goto(f"/f/{nps}")
    question = "How likely are you to recommend Alice's Bakery to a friend or colleague?"
    group = page.get_by_role("group", name=question)
    expect(group.get_by_role("radio")).to_have_count(11)
    expect(group.get_by_role("radio", name="0", exact=True)).to_have_accessible_description("Not at all likely")
    expect(group.get_by_role("radio", name="10")).to_have_accessible_description("Extremely likely")
    # The trap for programs is nobody else's.
    expect(page.get_by_role("textbox")).to_have_count(0)

    page.goto(f"/f/{ask(location, 'star-rating')}")
    for name in ("1 star: Poor", "2 stars: Fair", "3 stars: Good", "4 stars: Very good", "5 stars: Excellent"):
        expect(page.get_by_role("radio", name=name, exact=True)).to_have_count(1)

    page.goto(f"/f/{ask(location, 'happy')}")
    assert [page.get_by_role("radio", name=name, exact=True).count() for name in ("Happy", "Unhappy")] == [1, 1]

    landing.answer(token=nps, score=9)
    page.goto(f"/f/{nps}")
    comment = page.get_by_role("textbox")
    expect(comment).to_have_accessible_name("What did you like, and what could be better?")
    expect(comment).to_have_accessible_description("Optional. A few words are enough.")


def test_nothing_is_cut_off_at_any_width(open_page: OpenPage, location: Location) -> None:
    Account.objects.update(brand_name="Donaudampfschifffahrtsgesellschaftskapitänsverein " * 3)
    tokens = [ask(location, kind) for kind in KINDS]
    page = open_page()
    for token in tokens:
        page.goto(f"/f/{token}")
        for width in (320, 360, 1100):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") == width
            boxes = [tile.bounding_box() for tile in page.get_by_role("radio").all()]
            assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def test_every_target_takes_a_thumb(open_page: OpenPage, location: Location) -> None:
    add_profile(location, "https://google.example/a")
    page = open_page(viewport=PHONE)
    too_small = []
    for kind in KINDS:
        token = ask(location, kind)
        page.goto(f"/f/{token}")
        too_small += small_targets(page)
    landing.answer(token=token, score=False)
    for address in (f"/f/{token}", f"/f/{token}?step=done"):
        page.goto(address)
        too_small += small_targets(page)
    assert too_small == []


def small_targets(page: Page) -> list[str]:
    """What can be pressed and is smaller than 44 by 44 pixels."""
    found = page.get_by_role("radio").all() + page.get_by_role("button").all() + page.get_by_role("link").all()
    boxes = [(element, element.bounding_box()) for element in found]
    return [f"{element}: {box}" for element, box in boxes if box and min(box["width"], box["height"]) < 43.99]


# Every text and the colour behind it, as WCAG counts contrast; returns what falls short of AA.
FAINT_TEXTS = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || style.visibility === "hidden" || element.closest(".trap")) continue;
    const [one, two] = [light(parse(style.color)), light(behind(element))].sort();
    const ratio = (two + 0.05) / (one + 0.05), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""


def test_every_text_is_readable_in_every_colour(open_page: OpenPage, location: Location) -> None:
    add_profile(location, "https://google.example/a")
    token, done = ask(location), ask(location, "happy")
    landing.answer(token=done, score=False)
    faint = []
    page = open_page(reduced_motion="reduce")
    for color in ("#4f46e5", "#ffe680", "#111111", "#ff7a00"):
        Account.objects.update(brand_color=color)
        for address in (f"/f/{token}?score=8", f"/f/{done}", f"/f/{done}?step=done"):
            page.goto(address)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                faint += [f"{scheme} {color} {text}" for text in page.evaluate(FAINT_TEXTS)]
    assert faint == []


def test_only_a_person_moving_about_counts_as_a_click(open_page: OpenPage, location: Location) -> None:
    page = open_page()
    page.goto(f"/f/{ask(location)}")
    page.mouse.move(100, 100)
    page.wait_for_timeout(2100)
    # All that a program can do that runs the page's scripts.
    page.evaluate("window.dispatchEvent(new PointerEvent('pointermove'))")
    page.set_viewport_size({"width": 320, "height": 200})
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.screenshot(full_page=True)
    page.wait_for_timeout(200)
    assert FeedbackRequest.objects.get().clicked_at is None

    with page.expect_response("**/seen") as answer:
        page.mouse.move(150, 150)
    assert answer.value.status == 204
    assert FeedbackRequest.objects.get().clicked_at is not None


class ReviewSite(BaseHTTPRequestHandler):
    """Redirects to its other name first, as review sites do."""

    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers)))
        if self.path == "/short":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/review")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Write a review</title>")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def review_site() -> Iterator[ThreadingHTTPServer]:
    ReviewSite.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), ReviewSite)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_review_link_gets_there_and_tells_nothing(
    open_page: OpenPage, watch: Watch, location: Location, review_site: ThreadingHTTPServer
) -> None:
    port = review_site.server_address[1]
    watch.allowed |= {f"127.0.0.1:{port}", f"localhost:{port}"}
    add_profile(location, f"http://127.0.0.1:{port}/short")
    token = ask(location)
    landing.answer(token=token, score=2)
    page = open_page()
    page.goto(f"/f/{token}?step=done")

    page.get_by_role("button", name="Review us on Google").click()

    expect(page).to_have_title("Write a review")
    assert page.url == f"http://localhost:{port}/review"
    assert Response.objects.get().platform_name == "Google"
    assert [(path, headers.get("Referer")) for path, headers in ReviewSite.seen[:2]] == [
        ("/short", None),
        ("/review", None),
    ]
    assert token not in str(ReviewSite.seen)
