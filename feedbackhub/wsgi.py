"""The WSGI entry point."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedbackhub.settings")

# Addresses that nobody serves are remembered too, and anybody may make them up.
ADDRESSES = 1000


class Request(WSGIRequest):
    """Query strings and forms are UTF-8, whatever charset a caller names.

    Django would read them in any codec of Python's, and `rot13` is one: it raises before any middleware runs, so that
    the answer would be the web server's bare 500.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        # Django writes a byte that is no UTF-8 as %FF, which a caller may mean literally (%25FF).
        self.path_is_text = _is_text(environ.get("PATH_INFO", ""))
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


def _is_text(path: str) -> bool:
    try:
        path.encode("latin-1").decode()
    except UnicodeError:
        return False
    return True


class Handler(WSGIHandler):
    request_class = Request

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """An address that carries no id is looked up once: the patterns of all contracts are tried in turn, which takes
        as long as reading a small body."""
        found = self._found.get(request.path_info)
        if found is None or hasattr(request, "urlconf"):
            found = super().resolve_request(request)
            if not found.args and not found.kwargs:
                if len(self._found) >= ADDRESSES:
                    self._found.clear()
                self._found[request.path_info] = found
        request.resolver_match = found
        return found


django.setup(set_prefix=False)
application = Handler()
