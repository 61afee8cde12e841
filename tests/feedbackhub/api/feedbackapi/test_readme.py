"""The folder's README says what is served; the routes say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from feedbackhub.api.feedbackapi.contract import FEEDBACKAPI

README = Path(settings.BASE_DIR) / "feedbackhub/api/feedbackapi/README.md"
ORDER = re.compile(r"^\| ([a-z-]+) \| `(\w+)` \((asc|desc)\)(.*)\|$", re.MULTILINE)
ROW = re.compile(r"^\| (GET|POST|DELETE) (/v1\.3/\S+) \| (served|refused|different) \|", re.MULTILINE)


def routed() -> set[tuple[str, str]]:
    """Method and path of everything below the mount, under its own name and without a slash at the end."""
    found: set[tuple[str, str]] = set()

    def walk(resolver: URLResolver, prefix: str) -> None:
        for each in resolver.url_patterns:
            path = prefix + str(each.pattern)
            if isinstance(each, URLResolver):
                walk(each, path)
            elif getattr(getattr(each.callback, "cls", None), "contract", None) is FEEDBACKAPI:
                found.update(operations(each, "/" + path))

    walk(get_resolver(), "")
    return found


def operations(pattern: URLPattern, path: str) -> set[tuple[str, str]]:
    documented = pattern.callback.initkwargs.get("schema", True) is not None
    methods = pattern.callback.actions if pattern.name and documented else {}
    return {(method.upper(), path.replace("<str:id>", "{id}")) for method in methods if method != "head"}


def test_the_readme_lists_every_operation_once() -> None:
    listed = [(method, path) for method, path, _ in ROW.findall(README.read_text())]
    assert len(listed) == len(set(listed)) == 26
    patches = {("PATCH", f"/v1.3/{noun}/{{id}}") for noun in ("customers", "locations", "accounts")}
    assert routed() == set(listed) | patches


def test_the_readme_lists_the_fields_of_every_order() -> None:
    document = json.loads((Path(settings.BASE_DIR) / "docs/openapi/feedbackapi.json").read_text())
    for noun, default, direction, others in ORDER.findall(README.read_text()):
        parameters = document["paths"][f"/v1.3/{noun}"]["get"]["parameters"]
        (schema,) = (each["schema"] for each in parameters if each["name"] == "sort_by")
        assert schema["default"] == f"{default}-{direction}"
        fields = {default, *re.findall(r"`(\w+)`", others)}
        assert {f"{name}-{way}" for name in fields for way in ("asc", "desc")} == set(schema["enum"])
    assert len(ORDER.findall(README.read_text())) == 7
