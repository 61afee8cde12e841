"""Idempotency-Key on POST: the first answer is kept in the transaction of its work and given again for 24 hours.

- A call that failed has its work rolled back (an inner savepoint) and its answer remembered, unless the answer invites
  a repetition: 401, 429, 5xx, or any with Retry-After.
- A crash of the process remembers nothing and leaves nothing: work and answer are one commit.
- `transaction.on_commit` of the work runs after that commit, never on a replay. `atomic(durable=True)` does not work
  inside an API action, because a client may send this header any time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from feedbackhub.api.errors import ApiError, Kind, invalid
from feedbackhub.models import IdempotencyKey

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
BUSY = "The first call with this Idempotency-Key is still running. Repeat this one in a moment."
REUSED = "This Idempotency-Key was used for another body. Use a new key for a new call."


@dataclass(frozen=True)
class Call:
    """What makes two calls the same one."""

    account_id: int
    key: str
    route_hash: bytes
    body_hash: bytes


class _ForgetError(Exception):
    """Rolls the transaction back and carries the answer out."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


def call_of(request: HttpRequest, *, contract: str, account_id: int) -> Call | None:
    """The call that a POST with the header names; None without the header."""
    # From META: `request.headers` would be built of all headers, for each call anew.
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if request.method != "POST" or key is None:
        return None
    if not _KEY.fullmatch(key):
        raise invalid(HEADER, "must be 1 to 255 printable ASCII characters")
    # Both spellings of a path, with and without its last slash, are one route.
    route = f"{contract}\0{request.method}\0{request.path.rstrip('/')}"
    query = request.META.get("QUERY_STRING", "")
    return Call(account_id, key, _hash(route.encode()), _hash(query.encode() + b"\0" + request.body))


def once(
    call: Call, *, run: Callable[[], HttpResponseBase], on_error: Callable[[Exception], HttpResponseBase]
) -> HttpResponseBase:
    """The first answer to `call`: by running it now, or from the time it ran."""
    try:
        with transaction.atomic():
            _lock(call)
            kept = IdempotencyKey.kept(account_id=call.account_id, key=call.key, route_hash=call.route_hash)
            if kept is not None:
                return _replayed(kept, call)
            response = _attempt(run, on_error)
            if not isinstance(response, HttpResponse) or _invites_repetition(response):
                raise _ForgetError(response)
            IdempotencyKey.keep(
                account_id=call.account_id,
                key=call.key,
                route_hash=call.route_hash,
                body_hash=call.body_hash,
                status=response.status_code,
                headers=dict(response.items()),
                body=response.content,
            )
            return response
    except _ForgetError as forget:
        return forget.response


def _attempt(
    run: Callable[[], HttpResponseBase], on_error: Callable[[Exception], HttpResponseBase]
) -> HttpResponseBase:
    try:
        with transaction.atomic():
            return run()
    except Exception as exc:  # noqa: BLE001 - the answer to a failure is an answer too
        return on_error(exc)


def _lock(call: Call) -> None:
    """Held until the transaction ends; a second call at the same time is refused rather than kept waiting."""
    name = _hash(f"{call.account_id}\0{call.key}\0".encode() + call.route_hash)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name[:8], "big", signed=True)])
        (free,) = cursor.fetchone()
    if not free:
        raise ApiError(Kind.CONFLICT, BUSY, details={"reason": "idempotency_key_busy"}, headers={"Retry-After": "1"})


def _replayed(kept: IdempotencyKey, call: Call) -> HttpResponse:
    if bytes(kept.body_hash) != call.body_hash:
        raise ApiError(Kind.UNPROCESSABLE, REUSED, details={"reason": "idempotency_key_reused"})
    return HttpResponse(bytes(kept.body), status=kept.status, headers={**kept.headers, "Idempotency-Replayed": "true"})


def _invites_repetition(response: HttpResponse) -> bool:
    return response.status_code in (401, 429) or response.status_code >= 500 or "Retry-After" in response


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
