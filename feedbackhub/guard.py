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
# The rest of IPv6 is special, or nobody's yet; Python calls some of it global.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# IPv6 that carries an IPv4 address inside: translated (NAT64), or tunnelled (6to4, Teredo and its like).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_TUNNELS = [ipaddress.ip_network(each) for each in ("2002::/16", "2001::/32", "192.88.99.0/24")]


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
    """Whether it is of the open internet; one with an IPv4 address inside is judged by that."""
    address = inner_ipv4(address) or address
    if address.version == 6 and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast and not any(address in tunnel for tunnel in _TUNNELS)


def inner_ipv4(ip: Address) -> ipaddress.IPv4Address | None:
    """What an IPv6 address leads to that is but another way of writing an IPv4 address."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return None
    if ip in _TRANSLATED:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped


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
