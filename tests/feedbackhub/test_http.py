"""Whose address a request comes from."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from feedbackhub.http import client_ip


def ip(settings, hops: int, forwarded: str | None, peer: str = "10.0.0.9") -> str:
    settings.TRUSTED_PROXIES = hops
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_ip(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, None, "10.0.0.9"),
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        # Fewer entries than proxies: it did not come through them.
        (2, "6.6.6.6", "10.0.0.9"),
        (1, None, "10.0.0.9"),
        (1, "6.6.6.6, junk", "10.0.0.9"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "2001:db8:0:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_exactly_our_own_proxies_are_believed(settings, hops: int, forwarded: str | None, expected: str):
    assert ip(settings, hops, forwarded) == expected


def test_a_unix_socket_has_no_address(settings):
    assert ip(settings, 0, None, peer="") == ""
