"""What a request goes through before any middleware, as the web server calls us."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory

from accounts.models import Account
from feedback.api.hub.contract import HUB
from feedbackhub import wsgi
from feedbackhub.wsgi import application
from tests.clients import caller_of, key_headers

pytestmark = pytest.mark.django_db
CHARSETS = ("rot13", "hex", "zlib", "undefined", "idna", "utf-16", "nonsense")


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A request begins with closing the connection that the test's transaction is on; Django's client does the same."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def status_of(method: str, path: str, content_type: str, headers: dict[str, str] | None = None) -> int:
    environ = RequestFactory(headers=headers).generic(method, path, b"a=b").environ
    # As a web server has it: each byte a character.
    environ["PATH_INFO"] = unquote_to_bytes(path.partition("?")[0]).decode("latin-1")
    answered: list[str] = []
    list(application({**environ, "CONTENT_TYPE": content_type}, lambda status, headers: answered.append(status)))
    return int(answered[0].split()[0])


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_charset_that_is_none_is_passed_over(charset: str, content_type: str):
    named = f"{content_type}; charset={charset}"

    assert status_of("GET", "/accounts/login/?next=/", named) == 200
    assert status_of("POST", "/f/nobodys-landing-token?a=b", named) in (404, 415)


@pytest.mark.parametrize("charset", CHARSETS)
def test_an_api_reads_its_query_whatever_charset_is_named(charset: str, account: Account):
    headers = key_headers(HUB, caller_of(HUB, account).secret)

    assert status_of("GET", "/v1/feedback-records?limit=1", f"application/json; charset={charset}", headers) == 200


def test_an_address_is_looked_up_once_and_made_up_ones_are_not_hoarded(account: Account, monkeypatch):
    monkeypatch.setattr(wsgi, "ADDRESSES", 3)
    monkeypatch.setattr(application, "_found", {})
    headers = key_headers(HUB, caller_of(HUB, account).secret)
    for number in range(4):
        assert status_of("GET", "/v1/feedback-records?limit=1", "application/json", headers) == 200
        assert status_of("GET", f"/v1/nothing-{number}", "application/json", headers) == 404
        assert len(application._found) <= 3
    found = application._found["/v1/feedback-records"]
    assert status_of("DELETE", "/v1/feedback-records?user_id=u", "application/json", headers) == 200
    assert application._found["/v1/feedback-records"] is found


def test_an_address_with_an_id_is_looked_up_each_time(account: Account):
    headers = key_headers(HUB, caller_of(HUB, account).secret)
    assert status_of("GET", "/v1/feedback-records/nonsense", "application/json", headers) == 400
    assert "/v1/feedback-records/nonsense" not in application._found


def test_an_address_that_is_no_utf_8_is_refused_and_what_only_looks_like_it_is_not(account: Account):
    headers = key_headers(HUB, caller_of(HUB, account).secret)
    assert status_of("GET", "/v1/tenants/%FF/settings", "application/json", headers) == 400
    assert status_of("GET", "/v1/tenants/%25FF/settings", "application/json", headers) == 200
    assert status_of("GET", "/v1/tenants/%C3%BC/settings", "application/json", headers) == 200
