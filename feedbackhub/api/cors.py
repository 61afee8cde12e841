"""Calls from browsers, for contracts that allow them: never with cookies, only from origins that the account lists."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from accounts.models import Account

METHODS = "GET, POST, PUT, PATCH, DELETE"
HEADERS = "Authorization, Content-Type, Idempotency-Key, X-Request-ID"
READABLE = "X-Request-ID, Retry-After, Idempotency-Replayed"


def is_preflight(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def preflight() -> HttpResponse:
    """A preflight carries no key, so any origin may ask; what it asks for is answered to listed origins only."""
    response = HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": HEADERS,
            "Access-Control-Max-Age": "600",
        },
    )
    # Django calls even nothing text/html.
    del response["Content-Type"]
    return response


def admit(response: HttpResponseBase, request: HttpRequest, account: Account | None) -> None:
    """Let the browser read the answer if the account lists its origin."""
    origin = request.headers.get("Origin")
    if account is not None and origin and origin in account.cors_origins:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = READABLE
    patch_vary_headers(response, ["Origin"])
