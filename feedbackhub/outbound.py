"""Calls to addresses that a tenant chose: never to this machine or its neighbours, whatever a name resolves to.

A name is resolved once per call and connected to by address, so that nothing can change between the look and the
call. Redirects are not followed, proxies of the environment not used, nothing is repeated, and the whole call, looking
the name up included, has one deadline.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2
from django.conf import settings

from feedbackhub import guard

LONGEST_URL = 2048
# What is read of an answer.
MAX_ANSWER = 16 * 1024
CONNECT_SECONDS = 5.0
LOOKUP_SECONDS = 4.0
_PRINTABLE = re.compile(r"[!-~]+")
# Looking a name up cannot be interrupted; it goes on here after we have given up on it.
_lookups = ThreadPoolExecutor(16, thread_name_prefix="lookup")


class BadAddress(ValueError):
    """Not an address we call; the text says why and goes to whoever chose it."""


class Unanswered(Exception):
    """No answer came, or not in time; the text says what happened."""


@dataclass(frozen=True)
class Answer:
    status: int
    # Its beginning.
    body: bytes


def check_url(url: str) -> None:
    """BadAddress unless `url` is http(s), names a host that resolves, and every address of it may be called."""
    host, port = _host_and_port(url)
    addresses_of(host, port, seconds=LOOKUP_SECONDS)


def addresses_of(host: str, port: int, *, seconds: float) -> list[str]:
    """Where a host is. BadAddress if it does not resolve, or if any of its addresses may not be called."""
    looking = _lookups.submit(_look_up, host, port)
    try:
        found = looking.result(timeout=seconds)
    except (OSError, UnicodeError, TooSlow):
        # One that has not begun yet never does: slow names must not pile up in front of others'.
        looking.cancel()
        raise BadAddress("host does not resolve") from None
    if not found or not all(may_be_called(address) for address in found):
        raise BadAddress(
            "host resolves to an address that may not be called (private, loopback, link-local or reserved)"
        )
    return found


def may_be_called(address: str) -> bool:
    """Public, or within the networks that WEBHOOK_LOCAL_NETWORKS allows."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inside = [each for each in (ip, guard.inner_ipv4(ip)) if each is not None]
    allowed = any(each in network for network in settings.WEBHOOK_LOCAL_NETWORKS for each in inside)
    return allowed or guard.is_public(ip)


def post(url: str, *, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
    """One POST. Raises BadAddress or Unanswered; any status is an answer."""
    end = monotonic() + seconds
    timeouts = {"connect": CONNECT_SECONDS, "read": seconds, "write": seconds, "pool": CONNECT_SECONDS}
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=_tls(), max_connections=1, network_backend=_Guarded(end)) as pool,
            pool.stream(
                "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": timeouts}
            ) as got,
        ):
            return Answer(got.status, _beginning(got.iter_stream()))
    except httpcore2.TimeoutException:
        raise Unanswered(f"no answer within {seconds:.0f} s") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError, OSError, ValueError) as error:
        if isinstance(error, BadAddress):
            raise
        raise Unanswered(f"{type(error).__name__}: {error}"[:300]) from None


def _host_and_port(url: str) -> tuple[str, int]:
    if len(url) > LONGEST_URL:
        raise BadAddress(f"must be at most {LONGEST_URL} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("must be a valid URL") from None
    if not _PRINTABLE.fullmatch(url) or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddress("must be a valid HTTP or HTTPS URL")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("must not contain a user name or password")
    if port == 0:
        raise BadAddress("must be a valid URL")
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _beginning(chunks: Iterable[bytes]) -> bytes:
    read = bytearray()
    for chunk in chunks:
        read += chunk
        if len(read) >= MAX_ANSWER:
            break
    return bytes(read[:MAX_ANSWER])


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


class _Guarded(httpcore2.NetworkBackend):
    """Connects to the addresses that a name has now, if all of them may be called, until the deadline."""

    def __init__(self, end: float) -> None:
        self._end = end
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        found = addresses_of(host, port, seconds=_left(self._end, LOOKUP_SECONDS))
        for number, address in enumerate(found, 1):
            try:
                stream = self._plain.connect_tcp(
                    address, port, _left(self._end, timeout), local_address, socket_options
                )
                break
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(found):
                    raise
        peer = str(stream.get_extra_info("server_addr")[0])
        if not may_be_called(peer):
            stream.close()
            raise BadAddress(f"connected to {peer}, which may not be called")
        return _Timed(stream, self._end)


class _Timed(httpcore2.NetworkStream):
    """A stream that ends at the deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore2.NetworkStream, end: float) -> None:
        self._stream = stream
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._end, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._end, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._end, timeout))
        return _Timed(secured, self._end)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(end: float, at_most: float | None) -> float:
    left = end - monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("deadline")
    return min(left, at_most) if at_most is not None else left
