"""What a session's cookie may hold."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import Person

pytestmark = pytest.mark.django_db
# As a browser would send it quoted: \\000 stands for NUL.
ODD = [
    '"\\000aaaaaaaaaaaa"',
    '"\\377\\376aaaaaaaaaa"',
    "%00aaaaaaaaaaaa",
    "a" * 5000,
    "../../etc/passwd",
    "'; DROP TABLE x",
]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/console/", 302), ("POST", "/v1/nowhere", 401)])
def test_a_cookie_that_no_session_has_is_as_none(value: str, method: str, path: str, status: int):
    client = Client(raise_request_exception=False, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={value}"})

    assert client.generic(method, path).status_code == status


def test_a_session_that_was_begun_goes_on(alice: Person):
    client = alice.signed_in()

    assert [client.get("/console/").status_code for _ in range(2)] == [200, 200]
