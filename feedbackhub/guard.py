"""Connections to hosts that a tenant named: only to addresses of the open internet.

The name is looked up once and the connection goes to the address that was judged, so that a second look-up cannot
lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Translated addresses reach IPv4 hosts behind our back.
_TRANSLATED = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class NotPublic(OSError):
    """The host is on this machine or in a private network."""


def public_address(host: str, port: int) -> str:
    """An address of the host, all of whose addresses are public. Raises NotPublic, and OSError for an unknown name."""
    found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for text in found:
        if not is_public(ipaddress.ip_address(text.partition("%")[0])):
            raise NotPublic(f"{host} is not an address of the open internet")
    # IPv4 first: many machines have no route for the other.
    return min(found, key=lambda text: (":" in text, text))


def is_public(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(mapped)
    translated = any(address in net for net in _TRANSLATED if net.version == address.version)
    return address.is_global and not address.is_multicast and not translated


class _Backend(httpcore2.SyncBackend):
    """TLS still names and checks the host: only where the bytes go is ours to say."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            address = public_address(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def transport(*, limits: httpx2.Limits) -> httpx2.HTTPTransport:
    """No retry, no proxy, and no connection to an address that is not public."""
    made = httpx2.HTTPTransport(retries=0, limits=limits)
    # The library has the hook one layer below and no argument for it.
    made._pool._network_backend = _Backend()
    return made
