"""What each kind of operation takes and gives, for the mount's OpenAPI document.

Arguments and filters are documented by the tables that also read them, so that the two cannot part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter

from feedbackhub.api.feedbackapi.arguments import Argument, Kept
from feedbackhub.api.feedbackapi.lists import DEFAULT_LIMIT, MAX_LIMIT, Listing
from feedbackhub.api.feedbackapi.parsers import FORM
from feedbackhub.api.feedbackapi.shapes import Deleted, Page
from feedbackhub.api.openapi import describe, parameter

A = TypeVar("A", bound=Callable[..., Any])
JSON_TYPES = ("application/json", "application/vnd.api+json")
ERROR = {"$ref": "#/components/schemas/Error"}
READING = (401, 429)


def lists(noun: str, shape: Any, listing: Listing) -> Callable[[A], A]:
    return describe(
        f"List all {noun}",
        operation_id=_id("list", noun),
        query=_query(listing),
        answers={200: Page[shape], **_errors(400, *READING)},
    )


def retrieves(noun: str, shape: Any) -> Callable[[A], A]:
    return describe(
        f"Retrieve one of the {noun}",
        operation_id=_id("retrieve", noun),
        answers={200: shape, **_errors(404, *READING)},
    )


def creates(noun: str, shape: Any, arguments: Mapping[str, Argument]) -> Callable[[A], A]:
    return describe(
        f"Create one of the {noun}",
        operation_id=_id("create", noun),
        body=_schema(arguments),
        body_types=(*JSON_TYPES, FORM),
        answers={200: shape, **_errors(400, 402, 409, 413, 415, 422, *READING)},
    )


def updates(noun: str, shape: Any, arguments: Mapping[str, Argument], kept: Mapping[str, Kept]) -> Callable[[A], A]:
    return describe(
        f"Update one of the {noun}",
        description="Absent is unchanged. PATCH means the same as POST. An object that was fetched can be posted back.",
        body=_schema(arguments, kept),
        body_types=(*JSON_TYPES, FORM),
        answers={200: shape, **_errors(400, 402, 404, 409, 413, 415, 422, *READING)},
    )


def deletes(noun: str) -> Callable[[A], A]:
    return describe(
        f"Delete one of the {noun}",
        operation_id=_id("delete", noun),
        answers={200: Deleted, **_errors(402, 404, *READING)},
    )


def _id(verb: str, noun: str) -> str:
    return f"{verb}_{noun.replace(' ', '_')}"


def _errors(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys(sorted(statuses), ERROR)


def _schema(arguments: Mapping[str, Argument], kept: Mapping[str, Kept] | None = None) -> dict[str, Any]:
    required = [name for name, argument in arguments.items() if argument.required]
    return {
        "type": "object",
        "properties": {
            **{name: {**argument.schema, "description": argument.description} for name, argument in arguments.items()},
            **{name: {"readOnly": True, "description": each.description} for name, each in (kept or {}).items()},
        },
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _query(listing: Listing) -> list[OpenApiParameter]:
    sorts = [f"{name}-{direction}" for name in listing.sorts for direction in ("asc", "desc")]
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return [
        parameter("limit", limit, "Rows on a page."),
        parameter("page", {"type": "integer", "minimum": 0, "default": 0}, "Which page, from 0."),
        parameter("sort_by", {"type": "string", "enum": sorts, "default": listing.default}, "Order of the rows."),
        *(parameter(name, filter.schema, filter.description) for name, filter in listing.filters.items()),
    ]
