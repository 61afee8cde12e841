"""A real browser against a real server: Debian's Chromium, driven by Playwright.

Every page opened here must stay on the hub's own host, load all it asks for and break no Content-Security-Policy.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from pytest_django.live_server_helper import LiveServer

NAMES = ("chromium", "chromium-browser", "google-chrome")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    chromium = find_chromium()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if chromium is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed (Debian: apt-get install chromium)"))


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop on this thread, and Django refuses to query beside one unless told.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            # Containers run as root, where Chromium's own sandbox cannot.
            started = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
            yield started
            started.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class OpenPage(Protocol):
    """Opens a tab; options are those of Playwright's new_context (color_scheme, viewport, java_script_enabled, …)."""

    def __call__(self, **options: Any) -> Page: ...


class Watch:
    """What went wrong on a page; `allowed` are the hosts it may talk to."""

    def __init__(self, server: str) -> None:
        self.allowed = {urlsplit(server).netloc}
        self.problems: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused answer is logged by the browser as well; what matters of it is caught below.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc not in self.allowed:
            self.problems.append(f"left the hub: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.problems.append(f"{response.status}: {response.url}")


@pytest.fixture
def watch(live_server: LiveServer) -> Watch:
    return Watch(live_server.url)


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, watch: Watch) -> Iterator[OpenPage]:
    """Tabs whose addresses are relative to the test server; at the end none may have misbehaved."""
    with ExitStack() as stack:

        def open_page(**options: Any) -> Page:
            context = browser.new_context(base_url=live_server.url, **options)
            stack.callback(context.close)
            context.set_default_timeout(10_000)
            watch.follow(context)
            return context.new_page()

        yield open_page
    assert watch.problems == []
