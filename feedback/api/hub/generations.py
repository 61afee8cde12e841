"""Which generation of clients is talking: four have shipped, and they disagree about names, paging and errors.

We build for the newest and recognise the oldest by what only it does. A client can also say so itself with the
header `X-Hub-Generation: legacy` or `strict` (tenant_id and submission_id required, no legacy names).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from feedback.api.hub.wire import Dialect

# As WSGI names them: `request.headers` would be built of all headers, for each call anew.
SWITCH = "HTTP_X_HUB_GENERATION"
SDK_VERSION = "HTTP_X_STAINLESS_PACKAGE_VERSION"
# The SDK that renamed user_identifier to user_id and expects today's errors.
RENAMED_IN = (0, 5)
NOTED = "hub_dialect"


def of_body(request: HttpRequest, body: Mapping[str, Any], *, create: bool) -> Dialect:
    """Old senders name `user_identifier`; and their creates know neither tenant_id nor submission_id."""
    old = "user_identifier" in body or (create and "tenant_id" not in body and "submission_id" not in body)
    return _note(request, old)


def of_query(request: HttpRequest, query: Mapping[str, Any], *, listing: bool) -> Dialect:
    """Old senders name `user_identifier` or `offset`; and their lists need no tenant_id."""
    old = "user_identifier" in query or "offset" in query or (listing and "tenant_id" not in query)
    return _note(request, old)


def noted(request: HttpRequest) -> Dialect:
    """What was recognised before the call went wrong; else what its headers say."""
    return getattr(request, NOTED, None) or _from_headers(request) or Dialect()


def sent_by_sdk(request: HttpRequest) -> bool:
    return SDK_VERSION in request.META


def _note(request: HttpRequest, old: bool) -> Dialect:
    dialect = _from_headers(request) or Dialect(legacy=old)
    setattr(request, NOTED, dialect)
    return dialect


def _from_headers(request: HttpRequest) -> Dialect | None:
    said = request.META.get(SWITCH, "").lower()
    if said in ("legacy", "strict"):
        return Dialect(legacy=said == "legacy", strict=said == "strict")
    version = re.match(r"(\d{1,4})\.(\d{1,4})", request.META.get(SDK_VERSION, ""), re.ASCII)
    if version and (int(version[1]), int(version[2])) < RENAMED_IN:
        return Dialect(legacy=True)
    return None
