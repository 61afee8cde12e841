"""The unsubscribe page and RFC 8058's one-click POST."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.models import Message
from crm.domain import suppressions
from crm.models import Customer, Suppression
from feedbackhub.errors import Refused
from tests.campaigns.asking import ask, message_of, somebody

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def message(account: Account) -> Message:
    return message_of(ask(account, customer=somebody(account, email="Jane@example.com")))


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def rows() -> list[tuple[str, str, str, str, object]]:
    names = ("channel", "reason", "source", "address", "evidence__how")
    return list(Suppression.objects.order_by("pk").values_list(*names))


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_looking_shows_a_button_and_stores_nothing(client: Client, message: Message, method: str, slash: str):
    reply = getattr(client, method)(f"/u/{message.unsubscribe_token}{slash}")
    assert (reply.status_code, rows()) == (200, [])
    if method == "get":
        page = reply.content.decode()
        assert f'<form class="stack" method="post" action="/u/{message.unsubscribe_token}">' in page
        assert "Alice&#x27;s Bakery" in page
        # Whoever finds the link learns nothing about the person.
        assert "jane" not in page.lower()
    assert (reply["Cache-Control"], reply["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not reply.cookies


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_unsubscribes_by_itself(client: Client, message: Message, kind: str):
    if kind.startswith("multipart"):
        reply = client.post(f"/u/{message.unsubscribe_token}", ONE_CLICK)
    else:
        reply = client.post(f"/u/{message.unsubscribe_token}", "List-Unsubscribe=One-Click", content_type=kind)
    assert (reply.status_code, reply.cookies) == (200, {})
    assert rows() == [("all", "unsubscribe", "recipient", "jane@example.com", "one-click")]
    assert Suppression.objects.get().customer == message.customer


def test_a_person_unsubscribes_on_the_page_once(client: Client, message: Message):
    for _ in range(2):
        reply = client.post(f"/u/{message.unsubscribe_token}")
        assert (reply.status_code, "You are unsubscribed" in reply.content.decode()) == (200, True)
    assert rows() == [("all", "unsubscribe", "recipient", "jane@example.com", "page")]
    assert "You are unsubscribed" in client.get(f"/u/{message.unsubscribe_token}").content.decode()


def test_afterwards_nothing_is_sent_to_the_person_and_no_caller_can_undo_it(
    client: Client, account: Account, message: Message
):
    waiting = ask(account, "sms", customer=message.customer)
    client.post(f"/u/{message.unsubscribe_token}", ONE_CLICK)
    assert message_of(waiting).state == "suppressed"
    with pytest.raises(Refused):
        ask(account, "sms", customer=message.customer)
    with pytest.raises(Refused):
        suppressions.opt_in(customer=message.customer, actor=SYSTEM)


def test_another_account_may_still_write_to_the_same_address(
    client: Client, account: Account, other_account: Account, message: Message
):
    client.post(f"/u/{message.unsubscribe_token}")
    theirs = somebody(other_account, email="Jane@example.com", mobile_number=None)
    assert message_of(ask(other_account, customer=theirs)).state == "scheduled"


def test_a_link_of_a_deleted_customer_still_works(client: Client, message: Message):
    Customer.objects.filter(pk=message.customer_id).update(deleted_at=message.created_at)
    assert client.post(f"/u/{message.unsubscribe_token}").status_code == 200
    assert len(rows()) == 1


@pytest.mark.parametrize("token", ["nobody", "a" * 24, "é", "x" * 500, "%00", "..%2f", "a%20b"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_leads_nowhere_is_one_and_the_same_page(client: Client, message: Message, token: str, method: str):
    reply = getattr(client, method)(f"/u/{token}")
    assert (reply.status_code, rows()) == (404, [])


def test_a_landing_token_is_no_unsubscribe_token(client: Client, message: Message):
    assert message.feedback_request is not None
    assert client.post(f"/u/{message.feedback_request.landing_token}").status_code == 404
    assert rows() == []


def test_whoever_tries_links_is_slowed_down_and_good_links_stay_open(client: Client, message: Message):
    statuses = [client.get(f"/u/{number:024}").status_code for number in range(25)]
    assert (statuses[:20], statuses[-1]) == ([404] * 20, 429)
    assert client.post(f"/u/{message.unsubscribe_token}", ONE_CLICK).status_code == 200
    assert len(rows()) == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, message: Message, method: str):
    assert getattr(client, method)(f"/u/{message.unsubscribe_token}").status_code == 405


class TestPreferences:
    def test_one_channel_can_be_ended_alone_and_taken_up_again(
        self, client: Client, account: Account, message: Message
    ):
        address = f"/u/{message.unsubscribe_token}"
        page = client.post(address, {"choice": "sms"}).content.decode()
        assert rows() == [("sms", "unsubscribe", "recipient", "jane@example.com", "page")]
        assert ("You get no more SMS" in page, "You are unsubscribed" in page) == (True, False)
        assert message_of(ask(account, customer=message.customer)).state == "scheduled"
        form = page.split('name="form" value="')[1].split('"')[0]
        assert client.post(address, {"choice": "undo", "form": form}).status_code == 200
        assert not Suppression.objects.standing().exists()

    def test_a_person_comes_back_by_the_same_page(self, client: Client, account: Account, message: Message):
        address = f"/u/{message.unsubscribe_token}"
        page = client.post(address).content.decode()
        form = page.split('name="form" value="')[1].split('"')[0]
        again = client.post(address, {"choice": "undo", "form": form}).content.decode()
        assert ("Unsubscribe?" in again, Suppression.objects.get().lift_evidence["how"]) == (True, "page")
        assert message_of(ask(account, customer=message.customer)).state == "scheduled"

    @pytest.mark.parametrize("form", ["", "forged"])
    def test_coming_back_needs_the_page_s_own_form(self, client: Client, message: Message, form: str):
        address = f"/u/{message.unsubscribe_token}"
        client.post(address)
        assert client.post(address, {"choice": "undo", "form": form}).status_code == 403
        assert Suppression.objects.standing().count() == 1

    def test_a_mail_program_s_post_ends_everything_whatever_else_it_says(self, client: Client, message: Message):
        client.post(f"/u/{message.unsubscribe_token}", {**ONE_CLICK, "choice": "undo"})
        client.post(f"/u/{message.unsubscribe_token}", {**ONE_CLICK, "choice": "sms"})
        assert [row[0] for row in rows()] == ["all"]

    def test_what_others_said_is_not_lifted(self, client: Client, message: Message):
        address = f"/u/{message.unsubscribe_token}"
        for reason, source in (("stop", "recipient"), ("complaint", "recipient"), ("opt_out", "caller")):
            suppressions.suppress(
                account=message.account, channel="all", reason=reason, source=source, customer=message.customer
            )
        page = client.post(address).content.decode()
        assert "You also wrote STOP by SMS" in page
        form = page.split('name="form" value="')[1].split('"')[0]
        client.post(address, {"choice": "undo", "form": form})
        left = Suppression.objects.standing().values_list("reason", flat=True)
        assert set(left) == {"stop", "complaint", "opt_out"}
