"""Signing in, out, and getting a new password."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import get_hasher
from django.core import mail as outbox
from django.db import connection
from django.test import Client, override_settings

from accounts.domain import actors, mails, members
from accounts.models import AccountMail, User
from tests.conftest import Person

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def sign_in(email: str, password: str = PASSWORD, browser: Client | None = None, **options: Any) -> Any:
    return (browser or Client()).post("/accounts/login/", {"login": email, "password": password}, **options)


def is_signed_in(browser: Client) -> bool:
    return browser.get("/accounts/password/change/").status_code == 200


def visible(response: Any) -> str:
    """The page without what differs in every answer."""
    html = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", response.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", html)


def test_alice_signs_in_by_email_in_any_case_and_out_again(alice: Person) -> None:
    browser = Client()
    answer = sign_in("Alice@Example.com", browser=browser)
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    alice.user.refresh_from_db()
    assert alice.user.last_login is not None
    assert is_signed_in(browser)
    assert browser.get("/accounts/logout/").status_code == 200
    assert is_signed_in(browser)
    assert browser.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert not is_signed_in(browser)


def test_the_session_is_a_new_one_after_signing_in(alice: Person) -> None:
    browser = Client()
    browser.session["planted"] = True
    browser.session.save()
    before = browser.session.session_key
    sign_in("alice@example.com", browser=browser)
    assert browser.session.session_key != before


def test_after_signing_in_one_stays_on_this_site(alice: Person) -> None:
    assert sign_in("alice@example.com", QUERY_STRING="next=/invite%3Fcode%3Dx")["Location"] == "/invite?code=x"
    assert sign_in("alice@example.com", QUERY_STRING="next=https://evil.test/")["Location"] == "/console/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(alice: Person, bob: Person) -> None:
    members.deactivate(user=bob.user, actor=actors.SYSTEM)
    answers = [
        sign_in("alice@example.com", "wrong"),
        sign_in("nobody@example.com", "wrong"),
        sign_in("bob@example.com", "wrong"),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({visible(answer) for answer in answers}) == 1
    assert "are not correct" in visible(answers[0])


def test_an_unknown_address_costs_as_much_hashing_as_a_known_one(alice: Person) -> None:
    """Hashing takes most of the time of a try: without it an unknown address would answer sooner."""
    hasher = get_hasher()

    def hashings(email: str) -> int:
        with patch.object(type(hasher), "encode", autospec=True, side_effect=type(hasher).encode) as encode:
            sign_in(email, "wrong")
        return encode.call_count

    assert hashings("alice@example.com") == hashings("nobody@example.com") == 1


def test_somebody_deactivated_cannot_sign_in(bob: Person) -> None:
    members.deactivate(user=bob.user, actor=actors.SYSTEM)
    browser = Client()
    assert sign_in("bob@example.com", browser=browser)["Location"] == "/accounts/inactive/"
    assert "You cannot sign in" in browser.get("/accounts/inactive/").content.decode()
    assert not is_signed_in(browser)


def test_bad_passwords_are_limited_by_caller_and_lock_nobody_out(alice: Person) -> None:
    thief = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(5):
        assert "are not correct" in visible(sign_in("alice@example.com", "wrong", browser=thief))
    refused = sign_in("alice@example.com", browser=thief)
    assert "Too many failed login attempts" in visible(refused)
    assert not is_signed_in(thief)
    assert sign_in("alice@example.com", browser=Client(REMOTE_ADDR="203.0.113.10")).status_code == 302


def test_guessing_from_many_places_is_limited_and_a_known_browser_is_not(alice: Person) -> None:
    known = Client(REMOTE_ADDR="203.0.113.1")
    sign_in("alice@example.com", browser=known)
    known.post("/accounts/logout/")
    with override_settings(ACCOUNT_RATE_LIMITS={"login_failed_anywhere": "3/h/key"}):
        for number in range(3):
            sign_in("alice@example.com", "wrong", browser=Client(REMOTE_ADDR=f"203.0.113.{20 + number}"))
        stranger = Client(REMOTE_ADDR="203.0.113.99")
        assert "Too many failed login attempts" in visible(sign_in("alice@example.com", browser=stranger))
        assert sign_in("alice@example.com", browser=known).status_code == 302


def test_good_passwords_are_not_counted(alice: Person) -> None:
    for _ in range(8):
        assert sign_in("alice@example.com", browser=Client(REMOTE_ADDR="203.0.113.5")).status_code == 302


def test_a_browser_known_for_one_address_is_a_stranger_to_another(alice: Person, bob: Person) -> None:
    bobs = Client(REMOTE_ADDR="203.0.113.8")
    sign_in("bob@example.com", browser=bobs)
    bobs.post("/accounts/logout/")
    with override_settings(ACCOUNT_RATE_LIMITS={"login_failed_anywhere": "1/h/key"}):
        sign_in("alice@example.com", "wrong", browser=bobs)
        assert "Too many failed login attempts" in visible(sign_in("alice@example.com", browser=bobs))


def test_a_forged_device_cookie_is_worth_nothing(alice: Person) -> None:
    forger = Client(REMOTE_ADDR="203.0.113.7")
    forger.cookies["device"] = "alice@example.com:1abc:forged"
    with override_settings(ACCOUNT_RATE_LIMITS={"login_failed_anywhere": "1/h/key"}):
        sign_in("alice@example.com", "wrong", browser=forger)
        assert "Too many failed login attempts" in visible(sign_in("alice@example.com", browser=forger))


def test_a_forwarded_for_header_of_a_stranger_escapes_no_limit(alice: Person) -> None:
    for number in range(5):
        sign_in("alice@example.com", "wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert "Too many failed login attempts" in visible(sign_in("alice@example.com", HTTP_X_FORWARDED_FOR="192.0.2.99"))


@pytest.mark.django_db(transaction=True)
def test_forty_tries_at_once_are_at_most_five(alice: Person) -> None:
    def one(_: int) -> str:
        try:
            return visible(sign_in("alice@example.com", "wrong"))
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        pages = list(pool.map(one, range(40)))
    assert sum("are not correct" in page for page in pages) <= 5


def test_nobody_signs_up_by_themselves() -> None:
    browser = Client()
    for answer in (
        browser.get("/accounts/signup/"),
        browser.post("/accounts/signup/", {"email": "me@example.com", "password1": PASSWORD}),
    ):
        assert "By invitation only" in answer.content.decode()
    assert User.objects.count() == 0


def test_addresses_are_not_managed_here(alice: Person) -> None:
    assert alice.signed_in().get("/accounts/email/").status_code == 404


def test_a_forgotten_password_is_answered_alike_and_mailed_only_if_known(alice: Person, bob: Person) -> None:
    members.deactivate(user=bob.user, actor=actors.SYSTEM)
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("alice@example.com", "nobody@example.com", "bob@example.com")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({visible(answer) for answer in answers}) == 1
    assert AccountMail.objects.count() == 3
    with override_settings(EMAIL_BACKEND=LOCMEM):
        mails.send_due()
    assert [message.to for message in outbox.outbox] == [["alice@example.com"]]


def test_a_new_password_is_chosen_by_the_link_once_and_ends_every_session(alice: Person) -> None:
    old = alice.signed_in()
    mails.want_password_reset(email="alice@example.com")
    with override_settings(EMAIL_BACKEND=LOCMEM):
        mails.send_due()
    path = re.search(r"http://127\.0\.0\.1:8000(/\S+)", outbox.outbox[0].body)[1]  # type: ignore[index]
    browser = Client()
    form = browser.get(path, follow=True)
    assert "Choose a new password" in form.content.decode()
    here = form.redirect_chain[-1][0]
    new = "an entirely new one"
    assert browser.post(here, {"password1": "short", "password2": "short"}).status_code == 200
    done = browser.post(here, {"password1": new, "password2": new}, follow=True)
    assert "Password changed" in done.content.decode()
    assert not is_signed_in(old)
    assert sign_in("alice@example.com", new).status_code == 302
    assert "no longer works" in Client().get(path, follow=True).content.decode()


@pytest.mark.parametrize("path", ["1-set-password", "zzzz-abc-def", "0-x"])
def test_a_made_up_reset_link_says_so(path: str) -> None:
    page = Client().get(f"/accounts/password/reset/key/{path}/", follow=True)
    assert "This link no longer works" in page.content.decode()


def totp(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_second_factor_is_set_up_asked_for_and_encrypted_at_rest(alice: Person) -> None:
    browser = Client()
    sign_in("alice@example.com", browser=browser)
    setting_up = browser.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Confirm Access" in setting_up.content.decode()
    here = f"{setting_up.redirect_chain[-1][0]}"
    assert browser.post(here, {"password": "wrong"}).status_code == 200
    page = browser.post(here, {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r'id="authenticator_secret"[^>]*value="([A-Z2-7]+)"', page)[1]  # type: ignore[index]
    answer = browser.post("/accounts/2fa/totp/activate/", {"code": totp(secret)}, follow=True)
    assert "ecovery" in answer.content.decode()
    stored = Authenticator.objects.get(user=alice.user, type="totp")
    assert secret not in str(stored.data)

    other = Client()
    assert sign_in("alice@example.com", browser=other)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_signed_in(other)
    codes = browser.get("/accounts/2fa/recovery-codes/").content.decode()
    recovery = re.search(r"<textarea[^>]*>\s*(\d{8})", codes)[1]  # type: ignore[index]
    assert other.post("/accounts/2fa/authenticate/", {"code": recovery}).status_code == 302
    assert is_signed_in(other)


@pytest.mark.parametrize(
    "path",
    [
        "2fa/",
        "2fa/totp/activate/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
        "2fa/recovery-codes/generate/",
        "password/change/",
        "logout/",
        "reauthenticate/",
    ],
)
def test_pages_of_those_signed_in(alice: Person, path: str) -> None:
    browser = Client()
    sign_in("alice@example.com", browser=browser)
    page = browser.get(f"/accounts/{path}", follow=True)
    html = page.content.decode()
    assert page.status_code == 200
    assert "<main" in html
    assert "<h1" in html
    # The policy forbids inline scripts and styles without a nonce.
    assert re.findall(r"<script(?![^>]*(src=|application/json))[^>]*>|\sstyle=|\son[a-z]+=", html) == []


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page() -> None:
    for path in ("password/change/", "2fa/", "2fa/totp/activate/"):
        answer = Client().get(f"/accounts/{path}")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_posts_need_the_forms_token(alice: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert sign_in("alice@example.com", browser=browser).status_code == 403


def test_hostile_sign_ins_are_no_server_error() -> None:
    browser = Client(raise_request_exception=False)
    for email in ("\0", "a\0b@example.com", "x" * 100_000, "'; DROP TABLE--@x.y", "é@example.com", ""):
        assert sign_in(email, "x", browser=browser).status_code == 200
        assert browser.post("/accounts/password/reset/", {"email": email}).status_code in (200, 302, 429)
