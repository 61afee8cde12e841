"""/api/docs/: the committed OpenAPI documents in Swagger UI, whose files come from here: no outside host is asked."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

FOLDER = Path(settings.BASE_DIR) / "docs" / "openapi"


@cache
def titles() -> dict[str, str]:
    """The name of each document and what it calls itself; the hub's own API first."""
    found = {file.stem: json.loads(file.read_text())["info"]["title"] for file in FOLDER.glob("*.json")}
    return dict(sorted(found.items(), key=lambda each: (each[0] != "api", each[1])))


@require_safe
def page(request: HttpRequest, name: str = "api") -> HttpResponse:
    if name not in titles():
        raise Http404
    return render(request, "api/docs.html", {"name": name, "title": titles()[name], "titles": titles()})


@require_safe
def document(request: HttpRequest, name: str) -> HttpResponse:
    if name not in titles():
        raise Http404
    return HttpResponse((FOLDER / f"{name}.json").read_bytes(), content_type="application/json")


urlpatterns = [
    path("", page, name="api-docs"),
    path("<slug:name>.json", document, name="api-document"),
    path("<slug:name>/", page, name="api-docs-of"),
]
