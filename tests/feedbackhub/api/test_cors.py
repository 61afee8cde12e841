"""Calls from browsers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from accounts.models import Account
from tests.feedbackhub.api import fake
from tests.feedbackhub.api.conftest import Caller, caller_of

pytestmark = [pytest.mark.urls("tests.feedbackhub.api.fake"), pytest.mark.django_db]
LISTED = "https://shop.example.com"
PREFLIGHT = {"Origin": LISTED, "Access-Control-Request-Method": "POST"}


@pytest.fixture
def browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake.Things, "contract", replace(fake.CONTRACT, cors=True))


@pytest.fixture
def shop(account: Account) -> Caller:
    Account.objects.filter(pk=account.pk).update(cors_origins=[LISTED])
    return caller_of(account)


@pytest.mark.usefixtures("browsers")
class TestAllowed:
    def test_a_preflight_needs_no_key(self):
        response = Client().options("/fake/things", headers=PREFLIGHT)

        assert response.status_code == 204
        assert (response.content, response.headers.get("Content-Type")) == (b"", None)
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Access-Control-Allow-Methods"] == "GET, POST, PUT, PATCH, DELETE"
        assert "Authorization" in response["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in response

    def test_a_listed_origin_may_read_the_answer(self, shop: Caller):
        response = shop.get("/fake/things", headers={"Origin": LISTED})

        assert response["Access-Control-Allow-Origin"] == LISTED
        assert "X-Request-ID" in response["Access-Control-Expose-Headers"]
        assert "Origin" in response["Vary"]
        assert "Access-Control-Allow-Credentials" not in response

    def test_a_listed_origin_may_read_a_refusal(self, shop: Caller):
        response = shop.post("/fake/things", [], headers={"Origin": LISTED})

        assert response.status_code == 400
        assert response["Access-Control-Allow-Origin"] == LISTED

    @pytest.mark.parametrize(
        "origin", ["https://evil.example.com", "http://shop.example.com", f"{LISTED}.evil.example", "null", "*"]
    )
    def test_another_origin_may_not(self, shop: Caller, origin: str):
        response = shop.get("/fake/things", headers={"Origin": origin})

        assert "Access-Control-Allow-Origin" not in response
        assert "Origin" in response["Vary"]

    def test_an_account_that_lists_none_is_closed(self, caller: Caller):
        assert "Access-Control-Allow-Origin" not in caller.get("/fake/things", headers={"Origin": LISTED})

    def test_without_a_key_nothing_may_be_read(self, stranger: Caller):
        response = stranger.get("/fake/things", headers={"Origin": LISTED})

        assert response.status_code == 401
        assert "Access-Control-Allow-Origin" not in response


def test_a_contract_without_browsers_answers_no_preflight(shop: Caller, stranger: Caller):
    assert stranger.call("OPTIONS", "/fake/things", headers=PREFLIGHT).status_code == 401
    assert "Access-Control-Allow-Origin" not in shop.get("/fake/things", headers={"Origin": LISTED})
