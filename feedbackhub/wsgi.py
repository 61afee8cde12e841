"""The WSGI entry point."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedbackhub.settings")


class Request(WSGIRequest):
    """Query strings and forms are UTF-8, whatever charset a caller names.

    Django would read them in any codec of Python's, and `rot13` is one: it raises before any middleware runs, so that
    the answer would be the web server's bare 500.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()
