"""The end of every mount, and the answers to what no view answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.urls import URLPattern, re_path
from rest_framework.request import Request

from feedbackhub.api.contract import Contract
from feedbackhub.api.errors import INTERNAL_TEXT, ApiError, Kind, render, translate
from feedbackhub.api.mounts import contract_at
from feedbackhub.api.views import ContractViewSet

NOTHING_HERE = "There is nothing at this address."


class Unrouted(ContractViewSet):
    """An address that the contract does not know: authenticated first, so that a stranger learns no addresses."""

    # Not part of the OpenAPI document.
    schema = None  # type: ignore[assignment]

    def check_method(self, request: Request) -> None:
        raise ApiError(Kind.NOT_FOUND, NOTHING_HERE)


View = Callable[..., HttpResponseBase]


def catch_all(contract: Contract) -> URLPattern:
    """The last pattern of a mount."""
    pattern: URLPattern = re_path(r"", _unrouted(contract))
    return pattern


@cache
def _unrouted(contract: Contract) -> View:
    cls: type[Unrouted] = type("Unrouted", (Unrouted,), {"contract": contract})
    view: View = cls.as_view({"get": "options"})
    return view


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    contract = contract_at(request.path)
    if contract is not None:
        return _unrouted(contract)(request)
    return _page(request, 404)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _error(request, exception, 400)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _error(request, exception, 403)


def handler500(request: HttpRequest) -> HttpResponseBase:
    # Django has logged it with its traceback.
    return _error(request, ApiError(Kind.INTERNAL, INTERNAL_TEXT), 500)


def _error(request: HttpRequest, exception: Exception, status: int) -> HttpResponse:
    contract = contract_at(request.path)
    if contract is not None:
        return render(translate(exception), request, contract)
    return _page(request, status)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    """Outside the mounts people are reading. A 500 gets no context: that may be what broke."""
    return HttpResponse(
        loader.render_to_string(f"{status}.html", request=None if status == 500 else request), status=status
    )
