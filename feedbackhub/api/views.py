"""The base of every API view: what happens before and after an action, in the order in which it happens."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from rest_framework import viewsets
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.keys import KeyContext
from accounts.models import Account
from feedbackhub.api import bodies, cors, credentials, idempotency, limits, parsers
from feedbackhub.api.contract import Contract
from feedbackhub.api.encoding import encode
from feedbackhub.api.errors import ApiError, Kind, malformed, render, translate
from feedbackhub.api.openapi import WireSchema

NO_NEGOTIATOR = BaseContentNegotiation()
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Access = Literal["read", "write"]


class ContractViewSet(viewsets.GenericViewSet[Any]):
    """A view of one wire contract. Subclasses (one base per contract) set `contract`; actions do the rest.

    An action finds the caller in `self.caller`, `self.account` and `self.actor`, reads `self.json_object()`, raises
    HubError or ApiError, and returns `self.reply(data)` or an HttpResponse of its own. DRF's authenticators,
    permissions, throttles, parsers and renderers play no part: `initial` and `answer` say all there is.
    """

    contract: ClassVar[Contract]
    # Actions whose access is not what their method says, such as a search by POST: {"search": "read"}.
    access: ClassVar[dict[str, Access]] = {}
    # Actions that write nothing the audit tracks; its context costs more than parsing a small body.
    untracked: ClassVar[frozenset[str]] = frozenset()
    # Where a noun takes less than its contract.
    max_body_bytes: ClassVar[int | None] = None
    # Actions that take more than that.
    largest: ClassVar[dict[str, int]] = {}

    queryset = None
    schema = WireSchema()

    caller: KeyContext
    verdict: limits.Verdict = limits.UNLIMITED

    # --- What an action uses --------------------------------------------------------------------------------

    @cached_property
    def account(self) -> Account:
        """The tenant that the call is about."""
        return self.choose_account()

    def choose_account(self) -> Account:
        """The key's own account; a contract with agency keys may choose another."""
        return self.caller.account

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    def json_body(self) -> Any:
        """The body as JSON: 415 unless it says so, 400 unless `parsers.loads` takes it."""
        body = self.request._request.body
        # An empty body is the clearer complaint: many clients send it without a type.
        if body:
            parsers.require_json(self.request, without_type=self.contract.json_without_type)
        return parsers.loads(body)

    def json_object(self, *, optional: bool = False) -> dict[str, Any]:
        """The body as a JSON object; {} for none where it is optional."""
        if optional and not self.request._request.body:
            return {}
        body = self.json_body()
        if not isinstance(body, dict):
            raise malformed("The body must be a JSON object.")
        return body

    def reply(self, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
        """A JSON answer, encoded at once."""
        return HttpResponse(encode(data), status=status, content_type="application/json", headers=headers or {})

    # --- The way of a request -------------------------------------------------------------------------------

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """DRF's, without the parsers, authenticators and negotiator that it would make for every call."""
        method = str(request.method).lower()
        self.action = "metadata" if method == "options" else self.action_map.get(method, "")
        return Request(request, negotiator=NO_NEGOTIATOR)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs, self.headers = args, kwargs, {}
        self.request = self.initialize_request(request, *args, **kwargs)
        if self.contract.cors and cors.is_preflight(request):
            return cors.preflight()
        try:
            self.initial(self.request, *args, **kwargs)
            response = self.answer(self.request)
        except Exception as exc:  # noqa: BLE001 - the table in errors.py knows them all
            response = self.handle_exception(exc)
        return self.finished(response)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Everything that is settled before the action: who, how often, which method, how much, what text."""
        if settings.HTTPS and not request.is_secure():
            raise ApiError(Kind.FORBIDDEN, "Call this over https. Treat the key as disclosed and rotate it.")
        self.caller = credentials.authenticate(self.contract, request._request)
        structlog.contextvars.bind_contextvars(contract=self.contract.name, key_id=self.caller.public_id)
        self.check_rate()
        self.check_method(request)
        self.check_scope(request)
        most = self.max_body_bytes or self.contract.max_body_bytes
        limit = self.largest.get(self.action or "", most)
        bodies.bound(request._request, limit)
        if limit > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            bodies.take(request._request)
        parsers.strict_query(request.META.get("QUERY_STRING", ""))
        if not getattr(request._request, "path_is_text", True):
            raise ApiError(Kind.INVALID, "The address must be UTF-8.")
        parsers.check_text(request.path, "", where="The address")

    def check_rate(self) -> None:
        contract = self.contract.name
        limit = self.caller.account.rate_limit(contract, settings.RATE_LIMITS[contract])
        self.verdict = limits.take(f"{contract}:{self.caller.key_id}", limit)
        if not self.verdict.allowed:
            raise ApiError(
                Kind.RATE_LIMITED,
                f"This key may call {limit} times a minute. Repeat the call in {self.verdict.retry_after} s.",
                headers={"Retry-After": str(self.verdict.retry_after)},
            )

    def check_method(self, request: Request) -> None:
        # The map is asked first because the list is made anew each time.
        if str(request.method).lower() not in self.action_map and request.method not in self.allowed_methods:
            raise ApiError(
                Kind.METHOD_NOT_ALLOWED,
                f"{str(request.method)[:20]} is not served here.",
                headers={"Allow": ", ".join(self.allowed_methods)},
            )

    def check_scope(self, request: Request) -> None:
        by_method: Access = "read" if request.method in SAFE else "write"
        needed = self.access.get(self.action or "", by_method)
        if not self.caller.allows(self.contract.name, needed):
            raise ApiError(Kind.FORBIDDEN, f"This key may not {needed} here.", details={"scope": needed})

    def answer(self, request: Request) -> HttpResponseBase:
        """Run the action, once per Idempotency-Key; what it writes is audited as the key's."""
        if request.method in SAFE:
            return self.run(request)
        call = idempotency.call_of(request._request, contract=self.contract.name, account_id=self.account.pk)
        if call is None and self.action in self.untracked:
            return self.run(request)
        with actors.acting(self.actor, request_id=getattr(request._request, "request_id", "")):
            if call is None:
                return self.run(request)
            return idempotency.once(call, run=lambda: self.run(request), on_error=self.handle_exception)

    def run(self, request: Request) -> HttpResponseBase:
        handler = getattr(self, str(request.method).lower())
        response: HttpResponseBase = handler(request, *self.args, **self.kwargs)
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        return render(translate(exc), self.request._request, self.contract)

    def finished(self, response: HttpResponseBase) -> HttpResponseBase:
        """Headers of every answer, also of a refusal."""
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        # No answer is a page; should a browser take one for it, it may do nothing.
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        if response.status_code == 204:
            # Django calls even nothing text/html.
            del response["Content-Type"]
        if self.contract.rate_headers and self.verdict.limit:
            response["X-RateLimit-Limit"] = str(self.verdict.limit)
            response["X-RateLimit-Remaining"] = str(self.verdict.remaining)
            response["X-RateLimit-Reset"] = str(self.verdict.reset)
        if self.contract.cors:
            caller = getattr(self, "caller", None)
            cors.admit(response, self.request._request, caller.account if caller else None)
        return response
