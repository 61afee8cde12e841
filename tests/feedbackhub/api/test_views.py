"""How a request travels the kit, seen through the fake contract."""

from __future__ import annotations

import pytest

from tests.feedbackhub.api.conftest import Caller

pytestmark = [pytest.mark.urls("tests.feedbackhub.api.fake"), pytest.mark.django_db]


def test_an_action_knows_its_caller(caller: Caller, account):
    response = caller.get("/fake/things")

    assert response.status_code == 200
    assert response.json()["account"] == account.public_id
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/fake/things", "/fake/nowhere", "/fake", "/fake/things/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "BREW"])
def test_a_stranger_is_stopped_before_routing(stranger: Caller, path: str, method: str):
    response = stranger.call(method, path)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
@pytest.mark.parametrize("path", ["/fake/nowhere", "/fake", "/fake/things/"])
def test_an_unknown_path_is_a_404_of_the_contract(caller: Caller, path: str, method: str):
    response = caller.call(method, path)

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE", "BREW"])
def test_a_method_not_served_is_a_405_with_allow(caller: Caller, method: str):
    response = caller.call(method, "/fake/things")

    assert response.status_code == 405
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert response.json()["code"] == "method_not_allowed"
