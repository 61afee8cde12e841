"""Where a request comes from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The address of whoever called, or "" if there is none.

    Each of our proxies appends the address it saw to X-Forwarded-For, so the entry that our outermost proxy wrote is
    the TRUSTED_PROXIES-th from the right; everything left of it is the caller's own invention.
    """
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXIES
    if not hops:
        return peer
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_address(entries[-hops]) if len(entries) >= hops else "") or peer


def calls_from_this_machine(request: HttpRequest) -> bool:
    """Whether the caller sits on a loopback address itself; a proxy there says for whom it calls."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    return bool(peer) and ipaddress.ip_address(peer).is_loopback


def _address(text: str) -> str:
    """`203.0.113.7:4711`, `[2001:db8::1]:4711` and bare addresses as an address in its one spelling."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
