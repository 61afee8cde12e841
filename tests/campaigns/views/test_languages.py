"""In which language a page speaks: the person's, the browser's, the business's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import ask_pages, rendering, sms_replies
from campaigns.domain.sms_replies import Incoming
from campaigns.models import FeedbackRequest, Message
from crm.models import Customer, Location
from tests.campaigns.asking import ask, message_of, somebody

pytestmark = pytest.mark.django_db

NEVER = "this-token-is-nobodys-"


def speaks(reply: Any) -> str:
    return str(reply.content.decode().partition('<html lang="')[2].partition('"')[0])


@pytest.fixture
def asked(account: Account) -> FeedbackRequest:
    return ask(account)


def set_languages(asked: FeedbackRequest, *, customer: str = "", business: str = "en") -> None:
    Customer.objects.filter(pk=asked.customer_id).update(language=customer)
    Account.objects.filter(pk=asked.account_id).update(language=business)


@pytest.mark.parametrize(
    ("customer", "browser", "business", "spoken"),
    [
        ("it", "fr", "de", "it"),
        ("", "fr-CH, fr;q=0.9, en;q=0.8", "de", "fr"),
        ("", "ja, nl;q=0.5, de;q=0", "de", "nl"),
        ("ja", "ja", "pt-BR", "pt"),
        ("", "", "es", "es"),
        ("", "x" * 5000, "de", "de"),
        ("", "", "ja", "en"),
    ],
)
def test_the_persons_language_comes_before_the_browsers_and_that_before_the_businesss(
    client: Client, asked: FeedbackRequest, customer: str, browser: str, business: str, spoken: str
):
    set_languages(asked, customer=customer, business=business)
    paths = (f"/f/{asked.landing_token}", f"/u/{message_of(asked).unsubscribe_token}")
    assert [speaks(client.get(path, headers={"accept-language": browser})) for path in paths] == [spoken, spoken]


@pytest.mark.parametrize(
    ("prefix", "spoken"),
    # A tablet's browser belongs to nobody in particular.
    [("kiosk", "es"), ("l", "fr")],
)
def test_a_kiosk_speaks_the_businesss_language_and_a_link_the_browsers(
    client: Client, account: Account, prefix: str, spoken: str
):
    Account.objects.filter(pk=account.pk).update(language="es")
    location = Location.objects.create(account=account, name="Main Street", country_code="US")
    page = ask_pages.create(account=account, location=location, question="star-rating", actor=SYSTEM)
    assert speaks(client.get(f"/{prefix}/{page.token}", headers={"accept-language": "fr"})) == spoken


@pytest.mark.parametrize("path", [f"/f/{NEVER}", f"/l/{NEVER}", f"/u/{NEVER}"])
def test_a_link_that_leads_nowhere_says_so_in_the_browsers_language(client: Client, path: str):
    reply = client.get(path, headers={"accept-language": "de"})
    assert (reply.status_code, speaks(reply)) == (404, "de")
    assert "Hier ist nichts" in reply.content.decode()


def test_a_whole_answer_is_given_in_one_language(client: Client, asked: FeedbackRequest):
    set_languages(asked, customer="de")
    here = f"/f/{asked.landing_token}"

    page = client.get(here).content.decode()
    assert "Wie wahrscheinlich ist es, dass Sie Alice&#x27;s Bakery weiterempfehlen?" in page
    token = page.partition('name="form" value="')[2].partition('"')[0]
    assert "Wählen Sie eine der Antworten." in post(client, here, form=token).content.decode()
    post(client, here, form=token, score="3")
    page = client.get(here).content.decode()
    assert "Sie haben 3 von 10 gegeben." in page
    assert "Was ist schiefgelaufen" in page
    assert "höchstens 5000 Zeichen" in post(client, here, form=token, comment="x" * 5001).content.decode()
    page = client.get(f"{here}?step=done").content.decode()
    assert "Ihre Antwort ist bei uns angekommen." in page
    # Kept in one wording for the whole account.
    asked.refresh_from_db()
    assert asked.response is not None
    assert (
        asked.response.score.field_label == "How likely are you to recommend Alice's Bakery to a friend or colleague?"
    )


def post(client: Client, path: str, **fields: str) -> Any:
    return client.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("customer", "business", "html", "text"),
    [
        ("fr", "de", ">Se désabonner</a>", "Se désabonner: "),
        ("", "de", ">Abmelden</a>", "Abmelden: "),
        ("ja", "de", ">Abmelden</a>", "Abmelden: "),
    ],
)
def test_a_mail_ends_in_a_language_that_we_speak(
    asked: FeedbackRequest, customer: str, business: str, html: str, text: str
):
    set_languages(asked, customer=customer, business=business)
    again = FeedbackRequest.objects.get(pk=asked.pk)
    found = rendering.render(request=again, message=Message.objects.get(pk=message_of(asked).pk))
    assert html in found.html
    assert text in found.text
    assert ('class="foot" lang="de"' in found.html) == (customer == "ja")


def test_a_stop_is_confirmed_in_the_persons_language(account: Account):
    who = somebody(account)
    Customer.objects.filter(pk=who.pk).update(language="nl")
    asked = ask(account, "sms", customer=who)
    incoming = Incoming("twilio", "e1", "+15005550006", message_of(asked).address, "STOP")
    assert sms_replies.receive(incoming) == (
        "Alice's Bakery: U bent afgemeld en krijgt geen berichten meer. Antwoord START om dat te herroepen."
    )
