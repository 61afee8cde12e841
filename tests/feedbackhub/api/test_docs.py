"""/api/docs/: every committed document, with nothing from elsewhere."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from feedbackhub.management.commands.emit_openapi import FOLDER

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def test_the_page_offers_every_document_and_shows_the_own_api_first():
    html = Client().get("/api/docs/").content.decode()

    assert 'data-document="/api/docs/api.json"' in html
    assert [name for name in NAMES if f'href="/api/docs/{name}/"' not in html] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_served_as_it_is_committed(name: str):
    page = Client().get(f"/api/docs/{name}/")
    served = Client().get(f"/api/docs/{name}.json")

    assert f'data-document="/api/docs/{name}.json"' in page.content.decode()
    assert (served.status_code, served["Content-Type"]) == (200, "application/json")
    assert served.json() == json.loads((FOLDER / f"{name}.json").read_text())


def test_all_of_the_page_comes_from_here():
    response = Client().get("/api/docs/")
    asked_for = re.findall(r'(?:src|href)="([^"#]+)"', response.content.decode())

    assert [address for address in asked_for if not address.startswith("/")] == []
    missing = [address for address in asked_for if address.startswith("/static/") and not finders.find(address[8:])]
    assert missing == []
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/docs/nothing/", "/api/docs/nothing.json", "/api/docs/..%2Fadr.json"])
def test_other_documents_are_not_there(path: str):
    assert Client().get(path).status_code == 404
