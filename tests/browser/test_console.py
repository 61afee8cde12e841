"""The console in a real browser: triage with the keyboard, without JavaScript, in the dark and on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from feedback.domain import labels
from feedback.models import FeedbackItem, ItemLabel
from tests.accounts.factories import PASSWORD

INBOX = reverse("admin:feedback_feedbackitem_changelist")


@pytest.fixture
def items(transactional_db, account):
    return [
        FeedbackItem.objects.create(account=account, channel="product", message=message)
        for message in ("The bread was stale", "Please open earlier", "The oven is cold")
    ]


@pytest.fixture
def signed_in(open_page, items, bob, live_server):
    """Bob at the inbox, signed in before; options are the tab's."""

    def signed_in(**options: Any) -> Page:
        page = open_page(**options)
        session = bob.signed_in().cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto(INBOX)
        return page

    return signed_in


def test_items_are_triaged_with_the_keyboard_alone(signed_in, items, bob):
    page = signed_in()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".hub-row.is-focused")).to_contain_text("Please open earlier")
    page.keyboard.press("s")
    expect(page.locator("#status-dialog")).to_be_visible()
    page.keyboard.press("3")
    expect(page.get_by_text("Now planned.")).to_be_visible()
    expect(page.get_by_text("Please open earlier")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.get_by_text("Assigned to Bob.")).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator("#item")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Baked twice")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".hub-notes")).to_contain_text("Baked twice")
    planned = FeedbackItem.objects.get(message="Please open earlier")
    assert (planned.status, planned.reviewed_by) == ("planned", bob.actor.code)
    assert FeedbackItem.objects.get(assignee=bob.user).notes.get().author == bob.actor.code


def test_the_item_page_has_the_same_keys_and_shows_who_did_what(signed_in, items):
    page = signed_in()
    page.get_by_text("The oven is cold").click()
    expect(page.locator("blockquote")).to_have_text("The oven is cold")
    page.keyboard.press("s")
    page.keyboard.press("6")
    expect(page.locator(".hub-changes")).to_contain_text(re.compile(r"Bob changed.*Status: New → Closed", re.DOTALL))
    page.keyboard.press("j")
    expect(page.locator("blockquote")).to_have_text("Please open earlier")
    page.keyboard.press("k")
    expect(page.locator("blockquote")).to_have_text("The oven is cold")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_url(f"**{INBOX}")


def test_keys_are_letters_while_one_writes(signed_in, items):
    page = signed_in()
    page.keyboard.press("/")
    page.keyboard.type("jack asks")
    expect(page.get_by_placeholder("Search words, people and ids")).to_have_value("jack asks")
    assert page.locator(".hub-row.is-focused").count() == 0


def test_many_are_moved_after_a_look_at_what_will_change(signed_in, items):
    page = signed_in()
    boxes = page.locator(".action-select")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator(".action-counter")).to_have_text("3 of 3 selected")
    page.locator("#changelist-actions select").select_option(label="Mark as spam")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="3 of 3 will change to “Spam”")).to_be_visible()
    page.get_by_role("button", name="Change 3 items").click()
    expect(page.get_by_text("Marked 3 items as spam.")).to_be_visible()
    assert {item.status for item in FeedbackItem.objects.all()} == {"spam"}
    page.keyboard.press("z")
    expect(page.get_by_text("Undone: Marked 3 items as spam.")).to_be_visible()
    assert {item.status for item in FeedbackItem.objects.all()} == {"new"}


def test_a_whole_page_is_selected_at_once(signed_in, items):
    page = signed_in()
    page.get_by_label("All on this page").check()
    expect(page.locator(".action-counter")).to_have_text("3 of 3 selected")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".action-counter")).to_have_text("2 of 3 selected")


def test_labels_and_statuses_have_keys_and_each_is_taken_back(signed_in, items, account, bob):
    label = labels.create(account=account, name="Refund", actor=bob.actor)
    page = signed_in()
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(page.get_by_role("dialog", name="Labels")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("Labelled “Refund”.")).to_be_visible()
    assert ItemLabel.objects.get().label == label
    page.keyboard.press("z")
    expect(page.get_by_text("Undone: Labelled “Refund”.")).to_be_visible()
    assert ItemLabel.objects.count() == 0
    page.keyboard.press("6")
    expect(page.get_by_text("Now closed.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: Now closed.")).to_be_visible()
    assert {item.status for item in FeedbackItem.objects.all()} == {"new"}


def test_one_key_marks_as_spam_and_takes_what_is_none_out_again(signed_in, items):
    page = signed_in()
    page.keyboard.press("j")
    page.keyboard.press("!")
    expect(page.get_by_text("Now spam.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"^Spam\s*1$"))).to_be_visible()
    # A click would not wait for the page that hears the next key.
    page.goto(f"{INBOX}?tab=spam")
    page.keyboard.press("j")
    page.keyboard.press("!")
    expect(page.get_by_text("Now new.")).to_be_visible()
    assert {item.status for item in FeedbackItem.objects.all()} == {"new"}

    page.goto(reverse("admin:feedback_feedbackitem_change", args=[items[0].pk]))
    page.keyboard.press("!")
    expect(page.get_by_text("Now spam.")).to_be_visible()
    page.keyboard.press("!")
    expect(page.get_by_text("Now new.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_text("Spam; on what is spam: not spam, back to New")).to_be_visible()


def test_everything_works_without_javascript(signed_in, items, bob):
    page = signed_in(java_script_enabled=False)
    page.get_by_text("The oven is cold").click()
    page.get_by_role("button", name="In progress").click()
    page.get_by_label("Assignee").select_option(label="Bob (me)")
    page.get_by_role("button", name="Assign").click()
    page.get_by_label("Note").fill("Called the baker")
    page.get_by_role("button", name="Add note").click()
    item = FeedbackItem.objects.get(message="The oven is cold")
    assert (item.status, item.assignee, item.notes.get().body) == ("in_progress", bob.user, "Called the baker")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_in_either_light(signed_in, items, scheme):
    page = signed_in(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    item = reverse("admin:feedback_feedbackitem_change", args=[items[0].pk])
    for path in (INBOX, item, reverse("admin:index"), reverse("admin:crm_customer_changelist")):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.evaluate("document.documentElement.classList.contains('dark')") is (scheme == "dark")


def test_a_visit_begins_with_signing_in_and_ends_with_signing_out(open_page, items, bob):
    page = open_page()
    page.goto(INBOX)
    page.get_by_label("Email").fill(bob.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{INBOX}")
    page.get_by_text("bob@example.com").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/")
    page.goto(INBOX)
    assert "/accounts/login/" in page.url
