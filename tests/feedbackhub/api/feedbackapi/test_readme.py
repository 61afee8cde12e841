"""The folder's README says what is served; the routes say the same."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from feedbackhub.api.feedbackapi.contract import FEEDBACKAPI

README = Path(settings.BASE_DIR) / "feedbackhub/api/feedbackapi/README.md"
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
