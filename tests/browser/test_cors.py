"""FeedbackAPI called by a page of another origin, which the account lists or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.domain import accounts, actors
from accounts.models import Account
from crm.models import Customer, Location
from tests.browser.conftest import Watch
from tests.feedbackapi import FeedbackAPI, key_of

# What the page's script does; what the browser lets it see is what it returns.
CALL = """async ([url, key, method, body]) => {
    const headers = {Authorization: "Basic " + btoa(key + ":"), "Content-Type": "application/json"};
    try {
        const answer = await fetch(url, {method, headers, body});
        return {status: answer.status, id: answer.headers.get("X-Request-ID"), body: await answer.json()};
    } catch (error) {
        return {blocked: error.name};
    }
}"""


@pytest.fixture
def api(transactional_db: None, account: Account) -> FeedbackAPI:
    return key_of(account)


class ShopPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>A shop</title>")

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def origin() -> Iterator[str]:
    """Another server: an origin is scheme, host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), ShopPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(open_page: Any, watch: Watch, origin: str) -> Page:
    """A page that the other server gave."""
    watch.allowed.add(urlsplit(origin).netloc)
    page: Page = open_page()
    page.goto(f"{origin}/")
    return page


def call(page: Page, server: LiveServer, key: str, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(CALL, [f"{server.url}/v1.3/{path}", key, method, body])
    return found


def test_a_page_of_a_listed_origin_reads_writes_and_deletes(shop, origin, live_server, api, account):
    accounts.update(account=account, actor=actors.SYSTEM, cors_origins=[origin])
    home = Location.objects.create(account=account, name="Home", country_code="US")

    body = f'{{"email": "jane@example.com", "location": "{home.public_id}"}}'
    made = call(shop, live_server, api.secret, "POST", "customers", body)
    assert (made["status"], made["body"]["email"]) == (200, "jane@example.com")
    assert made["id"]
    path = f"customers/{made['body']['id']}"
    assert call(shop, live_server, api.secret, "GET", path)["body"] == made["body"]
    gone = call(shop, live_server, api.secret, "DELETE", path)
    assert gone["body"] == {"id": made["body"]["id"], "deleted": True}


def test_a_page_of_another_origin_reads_nothing(shop, origin, live_server, api, account, watch):
    listed = [origin.replace("http:", "https:"), "http://127.0.0.1", "http://shop.example"]
    accounts.update(account=account, actor=actors.SYSTEM, cors_origins=listed)
    Customer.objects.create(account=account, email="jane@example.com")

    assert call(shop, live_server, api.secret, "GET", "customers") == {"blocked": "TypeError"}
    # The browser says so, which is what this test is about.
    (said,) = watch.problems
    assert "No 'Access-Control-Allow-Origin' header is present" in said
    watch.problems.clear()
