"""Bodies of FeedbackAPI: JSON, or the form encoding that every sample of its document uses."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.request import Request

from feedbackhub.api import parsers
from feedbackhub.api.errors import ApiError, Kind, invalid, malformed

FORM = "application/x-www-form-urlencoded"
# The samples send these unescaped, so that their `+` arrives as a blank.
PHONES = frozenset({"mobile_number"})
URLS = frozenset({"review_profile"})
# `a[]`, and `a[0]` as PHP's http_build_query writes it.
_ARRAY = re.compile(r"(?P<name>[^\[\]]+)\[(?P<index>[0-9]{0,4})\]")
_LOST_PLUS = re.compile(r" (?=[0-9])")
# The blank before the zone of `2025-01-31T12:00:00+01:00`.
_LOST_ZONE = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)")
TIMES = ("due", "_before", "_after")


def read_body(request: Request) -> dict[str, Any]:
    """The body's members; {} for no body at all. ApiError for another type or anything that is not an object."""
    raw = request._request.body
    content_type = (request.content_type or "").partition(";")[0].strip().lower()
    if not raw:
        return {}
    if content_type == FORM:
        if raw.lstrip()[:1] == b"{":
            # curl -d without a -H: no argument's name begins so.
            raise malformed("The body looks like JSON but is sent as a form. Send Content-Type: application/json.")
        return parse_form(raw)
    if not parsers.is_json(content_type):
        raise ApiError(
            Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the body as application/json, application/vnd.api+json or {FORM}."
        )
    parsers.require_json(request, without_type=False)
    body = parsers.loads(raw)
    if not isinstance(body, dict):
        raise malformed("The body must be a JSON object.")
    return body


def parse_form(raw: bytes) -> dict[str, Any]:
    """Form members: text, or a list of texts for `name[]` and for a name given twice."""
    members: dict[str, Any] = {}
    for name, values in parsers.strict_query(raw).lists():
        array = _ARRAY.fullmatch(name)
        if array:
            items = members.setdefault(array["name"], [])
            if not isinstance(items, list):
                raise invalid(array["name"], "is given both as one value and as an array.")
            items += [repaired(array["name"], str(value)) for value in values]
        elif name in members:
            raise invalid(name, "is given both as one value and as an array.")
        else:
            texts = [repaired(name, str(value)) for value in values]
            members[name] = texts if len(texts) > 1 else texts[0]
    return members


def repaired(name: str, value: str) -> str:
    """`+` where it must have been one before decoding took it for a blank; ApiError where it only may have been."""
    if name in PHONES:
        return _LOST_PLUS.sub("+", value, count=1) if value.startswith(" ") else value
    if name in URLS:
        return value.replace(" ", "+")
    if name.endswith(TIMES):
        return _LOST_ZONE.sub("+", value)
    if name == "email" and " " in value.strip():
        # Not repaired: `jane doe@` would become a tag of another person's address.
        raise invalid(name, "must not hold a blank. Write a + as %2B in a form or a query.")
    return value
