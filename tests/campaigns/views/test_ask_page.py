"""The tablet at the counter and the link behind a QR code."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import ask_pages
from campaigns.models import AskPage
from crm.models import Location
from feedback.models import FeedbackItem, FeedbackRecord, Response
from reviews.models import Platform, ReviewProfile
from tests.conftest import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(account: Account) -> AskPage:
    location = Location.objects.create(account=account, name="Main Street", country_code="US")
    return ask_pages.create(account=account, location=location, question="nps", actor=SYSTEM)


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found, name
    return found[1]


def post(client: Client, address: str, fields: dict[str, str]) -> Any:
    return client.post(address, urlencode(fields), content_type="application/x-www-form-urlencoded")


def give(client: Client, address: str, **fields: str) -> Any:
    html = client.get(address).content.decode()
    return post(client, address, {"form": hidden(html, "form"), **fields})


@pytest.mark.parametrize("prefix", ["kiosk", "l"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_stores_nothing_and_sets_no_cookie(client: Client, page: AskPage, prefix: str, method: str):
    reply = getattr(client, method)(f"/{prefix}/{page.token}?score=9")
    assert (reply.status_code, reply.cookies, Response.objects.count()) == (200, {}, 0)
    assert (reply["Cache-Control"], reply["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize(("prefix", "by"), [("kiosk", "kiosk"), ("l", "link")])
def test_an_answer_and_a_comment_have_no_owner(client: Client, page: AskPage, prefix: str, by: str):
    address = f"/{prefix}/{page.token}"
    reply = give(client, address, score="3")
    html = reply.content.decode()
    assert (reply.status_code, "You gave 3 out of 10" in html, reply.cookies) == (200, True, {})
    last = post(
        client, address, {"form": hidden(html, "form"), "answer": hidden(html, "answer"), "comment": "Cold soup"}
    )
    assert "Your comment has reached us as well" in last.content.decode()
    response = Response.objects.get()
    assert (response.customer, response.location, response.kind) == (None, page.location, "nps")
    score, comment = FeedbackRecord.objects.order_by("created_at", "id")
    assert (score.source_type, score.source_id, score.value_number, score.metadata) == (
        "kiosk",
        page.public_id,
        3,
        {"by": by},
    )
    assert (comment.value_text, comment.customer) == ("Cold soup", None)
    item = FeedbackItem.objects.get()
    assert (item.channel, item.message, item.customer, item.user_agent) == ("kiosk", "Cold soup", None, None)


def test_a_tablet_goes_back_to_the_question_by_itself_and_a_phone_does_not(client: Client, page: AskPage):
    for prefix, resets in (("kiosk", True), ("l", False)):
        address = f"/{prefix}/{page.token}"
        assert 'http-equiv="refresh"' not in client.get(address).content.decode()
        html = give(client, address, score="9").content.decode()
        assert (f'content="60;url={address}"' in html) == resets
        done = client.get(f"{address}?step=done").content.decode()
        assert (f'content="8;url={address}"' in done) == resets


def test_a_form_sent_twice_is_one_answer(client: Client, page: AskPage):
    address = f"/kiosk/{page.token}"
    form = {"form": hidden(client.get(address).content.decode(), "form"), "score": "9"}
    for _ in range(2):
        assert post(client, address, form).status_code == 200
    assert Response.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"score": "11"}, 400),
        ({"score": "happy"}, 400),
        ({"score": "9", "website": "x"}, 400),
        ({"score": "9", "form": "forged"}, 403),
    ],
)
def test_what_is_no_answer_is_not_stored(client: Client, page: AskPage, fields: dict[str, str], status: int):
    assert give(client, f"/kiosk/{page.token}", **fields).status_code == status
    assert Response.objects.count() == 0


def test_a_comment_joins_only_the_answer_that_was_just_given_here(
    client: Client, page: AskPage, other_account: Account
):
    elsewhere = Location.objects.create(account=other_account, name="Garage", country_code="US")
    theirs = ask_pages.create(account=other_account, location=elsewhere, question="nps", actor=SYSTEM)
    html = give(client, f"/kiosk/{theirs.token}", score="1").content.decode()
    stolen = {"answer": hidden(html, "answer"), "comment": "mine"}
    assert "recommend" in give(client, f"/kiosk/{page.token}", **stolen).content.decode()
    Response.objects.update(created_at=Response.objects.get().created_at - timedelta(minutes=11))
    late = post(client, f"/kiosk/{theirs.token}", {"form": hidden(html, "form"), **stolen})
    assert (late.status_code, FeedbackRecord.objects.count()) == (200, 1)


def test_a_closed_page_and_a_wrong_link(client: Client, page: AskPage, account: Account):
    ask_pages.update(page=page, changes={"active": False}, actor=SYSTEM)
    assert client.get(f"/kiosk/{page.token}").status_code == 410
    assert client.get("/kiosk/nobody").status_code == client.get("/l/" + "a" * 24).status_code == 404
    assert client.get(f"/f/{page.token}").status_code == 404


@pytest.mark.parametrize("question", ["nps", "star-rating", "happy"])
def test_review_links_are_the_same_for_every_score(client: Client, page: AskPage, question: str):
    """There is no setting, page or score that decides who is shown where to review."""
    ask_pages.update(page=page, changes={"question": question}, actor=SYSTEM)
    platform = Platform.objects.create(slug="stars", name="Stars")
    ReviewProfile.objects.create(
        account=page.account, location=page.location, platform=platform, url="https://stars.example/x"
    )
    scores = {"nps": ["0", "6", "10"], "star-rating": ["1", "3", "5"], "happy": ["happy", "unhappy"]}[question]
    seen = set()
    for score in scores:
        address = f"/l/{page.token}"
        html = give(client, address, score=score).content.decode()
        form = {"form": hidden(html, "form"), "answer": hidden(html, "answer"), "comment": "x"}
        last = post(client, address, form).content.decode()
        seen.add(tuple(re.findall(r'href="(https://stars[^"]*)"', last)))
        # A review written on the shop's own tablet would be worth nothing.
        assert "stars.example" not in give(client, f"/kiosk/{page.token}", score=score).content.decode()
    assert seen == {("https://stars.example/x",)}


def test_the_qr_code_holds_the_permanent_link_and_is_made_here(alice: Person, charlie: Person, page: AskPage):
    address = f"/console/campaigns/askpage/{page.pk}/qr.svg"
    reply = alice.signed_in().get(address)
    root = ElementTree.fromstring(reply.content)
    assert (reply["Content-Type"], root.tag) == ("image/svg+xml", "{http://www.w3.org/2000/svg}svg")
    assert b"http" not in reply.content.replace(b"http://www.w3.org/2000/svg", b"")
    assert charlie.signed_in().get(address).status_code == 404
    shown = alice.signed_in().get(f"/console/campaigns/askpage/{page.pk}/change/").content.decode()
    assert (ask_pages.link(page) in shown, ask_pages.link(page, kiosk=True) in shown) == (True, True)


def test_a_branded_domain_is_in_the_link(page: AskPage):
    page.account.branded_domain = "feedback.bakery.example"
    assert ask_pages.link(page) == f"https://feedback.bakery.example/l/{page.token}"
