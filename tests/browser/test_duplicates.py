"""Duplicates in a real browser: by keyboard on an item's page and pair by pair, and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from feedback.models import FeedbackItem, NotAlike

PAIRS = reverse("admin:feedback_feedbackitem_duplicates")
SAID = ("The export hangs at 90 %", "Export hangs at 90 % again", "A dark theme, please", "Please add a dark theme")


@pytest.fixture
def items(transactional_db, account):
    return [FeedbackItem.objects.create(account=account, channel="product", message=words) for words in SAID]


@pytest.fixture
def opened(open_page, items, bob, live_server):
    def opened(path: str, **options: Any) -> Page:
        page = open_page(**options)
        session = bob.signed_in().cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto(path)
        return page

    return opened


def page_of(item: FeedbackItem) -> str:
    return reverse("admin:feedback_feedbackitem_change", args=[item.pk])


def under(item: FeedbackItem) -> Any:
    return FeedbackItem.objects.get(pk=item.pk).duplicate_of_id


def test_what_an_item_looks_like_is_merged_and_undone_by_keys(opened, items):
    page = opened(page_of(items[1]))
    expect(page.locator("#alike [data-pair]")).to_have_count(1)
    # A key means nothing while its list is not the place one is at.
    page.keyboard.press("y")
    page.keyboard.press("d")
    expect(page.locator("#alike [data-pair]")).to_be_focused()
    page.keyboard.press("y")
    expect(page.get_by_text(f"Merged into “{SAID[0]}”.")).to_be_visible()
    assert under(items[1]) == items[0].pk
    page.keyboard.press("z")
    expect(page.get_by_text("Undone:")).to_be_visible()
    assert under(items[1]) is None


def test_pairs_are_worked_through_by_keys(opened, items):
    page = opened(PAIRS)
    expect(page.locator("[data-pair]")).to_have_count(2)
    expect(page.locator("[data-pair]").first).to_be_focused()
    first = page.locator("[data-pair]").first.inner_text()
    page.keyboard.press("x")
    expect(page.locator("[data-pair]")).to_have_count(1)
    page.keyboard.press("y")
    expect(page.get_by_text("All done: 2 decided")).to_be_visible()
    dark = SAID[2] in first
    merged, apart = (items[1], items[2]) if dark else (items[3], items[0])
    assert under(merged) is not None
    assert apart.pk in NotAlike.objects.values_list("first", flat=True)


def test_without_javascript_there_is_a_page_for_it(opened, items):
    page = opened(page_of(items[1]), java_script_enabled=False)
    page.get_by_role("link", name="Look for items like this one").click()
    page.get_by_role("button", name="This repeats that").click()
    expect(page.get_by_text("Merged into")).to_be_visible()
    assert under(items[1]) == items[0].pk


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(opened, items, scheme):
    for path in (PAIRS, page_of(items[0])):
        page = opened(path, color_scheme=scheme, viewport={"width": 360, "height": 780})
        expect(page.locator("[data-pair]").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert re.search("alike", page.locator("[data-pair]").first.inner_text())
