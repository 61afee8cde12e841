"""Which contracts the URL configuration mounts, and whose an address is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf

from feedbackhub.api.contract import Contract


def mounted() -> list[Contract]:
    """Every contract with a view in the URL configuration, by name."""
    return _mounted(get_urlconf() or settings.ROOT_URLCONF)


def contract_at(path: str) -> Contract | None:
    """The contract with the longest prefix of `path`."""
    best = max(mounted(), key=lambda contract: contract.serves(path), default=None)
    return best if best is not None and best.serves(path) else None


def is_call(request: HttpRequest) -> bool:
    """Whether an API answers this request, and not a page. Several middlewares ask."""
    known: bool | None = getattr(request, "is_call", None)
    if known is None:
        known = request.is_call = contract_at(request.path) is not None  # type: ignore[attr-defined]
    return known


@cache
def _mounted(urlconf: str) -> list[Contract]:
    found = {contract.name: contract for contract in _contracts(get_resolver(urlconf).url_patterns)}
    return [found[name] for name in sorted(found)]


def _contracts(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[Contract]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _contracts(pattern.url_patterns)
        elif isinstance(contract := getattr(getattr(pattern.callback, "cls", None), "contract", None), Contract):
            yield contract
