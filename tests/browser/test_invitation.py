"""An invitation made over FeedbackAPI, accepted by somebody new in a real browser."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, Invitation, User
from tests.feedbackapi import key_of

PASSWORD = "a staple for every horse"


@pytest.fixture
def link(transactional_db: None, account: Account, live_server: LiveServer) -> str:
    """The invitation's address; only its host is the test server's."""
    api = key_of(account)
    body = api.ok(api.encoded("form").post("users/", {"email": "rishi@uk.gov.uk", "send_invite": True}))
    assert body["status"] == "pending"
    parts = urlsplit(body["invite_url"])
    return f"{parts.path}?{parts.query}"


def test_a_new_user_gives_name_number_and_password_and_lands_in_the_console(open_page, link, account):
    api = key_of(account)
    page = open_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Join Alice's Bakery")).to_be_visible()
    name, number = page.get_by_label("Your name"), page.get_by_label("Contact number")
    # Why each is asked is said where it is asked, to screen readers as well.
    expect(name).to_have_accessible_description("Your team sees it beside what you do.")
    expect(number).to_have_accessible_description(re.compile("to reach you when e-mail does not. Customers never see"))
    expect(page.get_by_text("For whoever runs this hub")).to_be_visible()
    name.fill("Rishi")
    number.fill("+44 20 7946 0000")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/console/")
    expect(page.get_by_text("Rishi").first).to_be_attached()

    user = User.objects.get(email="rishi@uk.gov.uk")
    assert (user.name, user.phone) == ("Rishi", "+44 20 7946 0000")
    (listed,) = api.ok(api.get("users"))["data"]
    assert (listed["id"], listed["name"], listed["status"]) == (user.public_id, "Rishi", "active")
    assert listed["last_access"] == int(user.last_login.timestamp())


def test_a_mistake_is_said_where_it_was_made_and_the_rest_stays(open_page, link):
    page = open_page(viewport={"width": 390, "height": 844})
    page.goto(link)
    page.get_by_label("Your name").fill("Rishi")
    page.get_by_label("Contact number").fill("+44 20 7946 0000")
    page.get_by_label("Choose a password").fill("password12")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_label("Choose a password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Your name")).to_have_value("Rishi")
    assert not User.objects.exists()
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/console/")


def test_the_link_works_once_and_the_password_from_then_on(open_page, link):
    page = open_page(java_script_enabled=False)
    page.goto(link)
    page.get_by_label("Your name").fill("Rishi")
    page.get_by_label("Contact number").fill("+44 20 7946 0000")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/console/")

    other = open_page()
    other.goto(link)
    expect(other.get_by_text("This invitation has been used.")).to_be_visible()
    other.goto("/console/")
    other.get_by_label("Email").fill("rishi@uk.gov.uk")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/console/")
    assert Invitation.objects.get().accepted_by == User.objects.get()
