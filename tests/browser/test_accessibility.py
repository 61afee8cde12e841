"""axe-core finds nothing against WCAG 2.2 AA on the pages of triage: on a desk in the light, on a phone in the dark.

What axe cannot judge (keys, order, words) is tried in test_console.py and test_duplicates.py. That no page leaves the
hub or breaks the Content-Security-Policy is asserted by `open_page`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pytest
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import Account
from campaigns.models import Campaign
from feedback.models import FeedbackItem
from tests.accounts.admin.world import rows_of
from tests.conftest import Person

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WHOLE = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The dark differs in colours, a phone in what is near to what and what scrolls.
CHANGED = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"],
}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "admin:index",
    "admin:figures",
    "admin:feedback_feedbackitem_changelist",
    "admin:feedback_feedbackitem_duplicates",
    "admin:feedback_triagerule_changelist",
    "admin:feedback_triagerule_add",
    "admin:accounts_job_changelist",
    "admin:crm_customer_changelist",
)


@pytest.fixture
def rows(transactional_db: None, account: Account) -> dict[Any, Any]:
    """One of everything, and three who say nearly the same."""
    rows = rows_of(account, "Oven")
    for words in ("The export hangs at 90 %", "Export hangs at 90 % again", "The export hangs at 90 % for me"):
        FeedbackItem.objects.create(account=account, channel="product", message=words, area="export")
    return rows


def violations(page: Page, only: dict[str, Any]) -> list[str]:
    """What axe says, one line for each place."""
    found = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']}).then(r => r.violations)", only
    )
    return [
        f"{rule['id']}: {node['target']} {' '.join(node['html'].split())[:160]} — {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def check(page: Page) -> None:
    """The page, unfolded: all of it on a desk in the light, then what changes on a phone in the dark."""
    page.evaluate("document.querySelectorAll('main details, #main details').forEach(each => each.open = true)")
    page.evaluate(AXE)
    for size, scheme, only in ((DESK, "light", WHOLE), (PHONE, "dark", CHANGED)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        # The theme looks at the device's mode only as a page loads.
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark")
        assert violations(page, only) == [], f"{page.url}, {scheme}, {size['width']} px"


def test_axe_finds_nothing_on_the_pages_of_triage(open_page: OpenPage, rows: dict[Any, Any], alice: Person):
    page = open_page(viewport=DESK)
    page.set_default_timeout(30_000)
    page.goto(reverse("account_login"))
    check(page)
    page.locator("input[type=email]").fill(alice.user.email)
    page.locator("input[type=password]").fill("correct horse battery")
    page.locator("button.wide").click()
    page.wait_for_url(f"**{reverse('admin:index')}")
    item = reverse("admin:feedback_feedbackitem_change", args=[FeedbackItem.objects.latest("pk").pk])
    campaign = reverse("admin:campaigns_campaign_change", args=[rows[Campaign].pk])
    for path in (item, campaign, *(reverse(name) for name in PAGES)):
        page.goto(path)
        check(page)


def test_axe_sees_what_is_wrong(open_page: OpenPage, transactional_db: None):
    """The measure itself: a nameless field, button and picture are found."""
    page = open_page()
    page.goto(reverse("account_login"))
    page.evaluate(AXE)
    wrong = "<main><input><button></button><img src='data:,'></main>"
    page.evaluate("wrong => document.body.insertAdjacentHTML('beforeend', wrong)", wrong)
    rules = {line.partition(":")[0] for line in violations(page, WHOLE)}
    assert rules == {"label", "button-name", "image-alt"}
