"""The URL configuration as a list of routes, so that a new one is tried without being named in a test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver

from feedbackhub.api.contract import Contract

PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_0-9]+)>")
CONSOLE = "/console/"


@dataclass(frozen=True)
class Route:
    """`path` holds parameters as <name>; `methods` maps an API view's methods to its actions."""

    path: str
    view: Callable[..., Any]

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    @property
    def contract(self) -> Contract | None:
        return getattr(getattr(self.view, "cls", None), "contract", None)

    @property
    def methods(self) -> dict[str, str]:
        # The first request adds HEAD.
        actions = getattr(self.view, "actions", {})
        return {method.upper(): action for method, action in actions.items() if method != "head"}

    @property
    def view_name(self) -> str:
        cls = getattr(self.view, "cls", None)
        return cls.__name__ if cls else ""

    def filled(self, values: dict[str, str]) -> str:
        return PARAMETER.sub(lambda found: values[found[1]], self.path)


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield Route(_plain(path), pattern.callback)


def _plain(path: str) -> str:
    """`v1/^records/(?P<id>[^/]+)/?$` as `/v1/records/<id>/`."""
    return simplify_regex(path.replace("^", "").replace("/?$", "/"))
