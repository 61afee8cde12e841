"""What is public, as on the original: a sign of life, and the OpenAPI document of this contract."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.http import require_safe

from feedbackhub.api.encoding import encode


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The client library asks before it has a key."""
    return HttpResponse("OK", content_type="text/plain; charset=utf-8")


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    return HttpResponse(encode(_document()), content_type="application/json")


@require_safe
def as_yaml(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_yaml(), content_type="application/yaml")


@cache
def _document() -> Any:
    """The committed one, with the address that people use as its server."""
    found = json.loads((settings.BASE_DIR / "docs" / "openapi" / "hub.json").read_text())
    return {**found, "servers": [{"url": settings.BASE_URL}]}


@cache
def _yaml() -> str:
    # libyaml: some hundred times faster.
    return str(yaml.dump(_document(), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True))


urlpatterns = [
    re_path(r"^health/?$", health),
    path("openapi.json", as_json),
    path("openapi.yaml", as_yaml),
]
