"""The members of an item that lists are filtered, searched and sorted by: what a caller may name, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from feedback.api.leadping.wire import STATUS_SHOWN, STATUSES, TYPE_SHOWN, TYPES, uuid_of
from feedbackhub.api.errors import ApiError
from feedbackhub.api.times import parse_timestamp

# What has not happened comes before what has, as in the original's store.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# A column and a value to a condition; ValueError says what the value must be.
Match = Callable[[str, Any], Q]


@dataclass(frozen=True)
class Field:
    """`sort` is what the field is sorted by, never null; None where it is not: long texts, and other rows' columns."""

    column: str
    matches: Match
    sort: Combinable | None = None
    # Of a sort value, as a token holds it.
    kind: type = str

    @property
    def is_text(self) -> bool:
        return self.matches is text

    @property
    def is_time(self) -> bool:
        return self.kind is datetime

    def equal_to(self, value: Any) -> Q:
        """Rows with this value, or with one of them. Null is a value."""
        if isinstance(value, list):
            found = Q(pk__in=[])
            for each in value:
                found |= self.equal_to(each)
            return found
        return Q(**{f"{self.column}__isnull": True}) if value is None else self.matches(self.column, value)


def text(column: str, value: Any) -> Q:
    if not isinstance(value, str):
        raise ValueError("a string")
    return Q(**{column: value})


def code(column: str, value: Any) -> Q:
    """A public id, which is no text to search in."""
    return text(column, value)


def word(known: tuple[str, ...], ours: dict[Any, str], column: str, value: Any) -> Q:
    """One of the contract's words, and whatever the hub knows that is shown as it."""
    asked = value.lower() if isinstance(value, str) else value
    if asked not in known:
        raise ValueError(f"one of: {', '.join(known)}")
    return Q(**{f"{column}__in": [asked, *(each for each, shown in ours.items() if shown == asked)]})


def flag(column: str, value: Any) -> Q:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return Q(**{column: value})


def moment(value: Any) -> datetime:
    """A time stamp; ValueError says what it must be."""
    try:
        return parse_timestamp(value, "")
    except ApiError:
        raise ValueError(
            "a timestamp with a zone such as 2025-01-31T12:00:00Z, between 1970-01-01 and 2080-12-31"
        ) from None


def time(column: str, value: Any) -> Q:
    return Q(**{column: moment(value)})


def identifier(column: str, value: Any) -> Q:
    """Of an item; what is no id of ours names none."""
    if not isinstance(value, str):
        raise ValueError("a string")
    return Q(**{f"{column}__in": [id for id in [uuid_of(value)] if id]})


def somebody(column: str, value: Any) -> Q:
    """Who acted, as this contract names them: a user by id alone."""
    if not isinstance(value, str):
        raise ValueError("a string")
    return Q(**{f"{column}__in": [value, f"user:{value}"]})


def _text(column: str, *, short: bool = False) -> Field:
    return Field(column, text, Coalesce(column, Value("")) if short else None)


def _word(column: str, known: tuple[str, ...], ours: dict[Any, str]) -> Field:
    shown = Case(
        *(When(**{column: each}, then=Value(word)) for each, word in ours.items()),
        default=F(column),
        output_field=CharField(),
    )
    return Field(column, partial(word, known, ours), shown)


def _time(column: str) -> Field:
    return Field(column, time, Coalesce(column, Value(NEVER)), datetime)


FIELDS = {
    "id": Field("id", identifier, F("id"), UUID),
    "businessId": Field("account__public_id", code),
    "organizationId": Field("account__public_id", code),
    "userId": Field("submitted_by__public_id", code),
    "type": _word("type", TYPES, TYPE_SHOWN),
    "status": _word("status", STATUSES, STATUS_SHOWN),
    "area": _text("area", short=True),
    "route": _text("route"),
    "message": _text("message"),
    "allowContact": Field("allow_contact", flag, F("allow_contact"), bool),
    "userAgent": _text("user_agent"),
    "clientVersion": _text("client_version", short=True),
    "serverVersion": _text("server_version", short=True),
    "environment": _text("environment", short=True),
    "subscriptionPlanSnapshot": _text("plan_snapshot", short=True),
    "businessNameSnapshot": _text("business_name_snapshot", short=True),
    "userEmailSnapshot": _text("user_email_snapshot", short=True),
    "userDisplayNameSnapshot": _text("user_name_snapshot", short=True),
    "adminNote": _text("admin_note"),
    "externalIssueUrl": _text("external_issue_url"),
    "duplicateOfFeedbackItemId": Field("duplicate_of", identifier),
    # Never null, so it is sorted by the column itself: the index of the plain list.
    "createdAt": Field("created_at", time, F("created_at"), datetime),
    "reviewedAt": _time("reviewed_at"),
    "closedAt": _time("closed_at"),
    "reviewedByUserId": Field("reviewed_by", somebody),
    "closedByUserId": Field("closed_by", somebody),
}
# The original's store knows them in the case of its classes, its answers are in another.
_LOWER = {name.lower(): name for name in FIELDS}


def spelled(name: Any) -> str | None:
    """The field's name as it is on the wire, from any case of it."""
    return _LOWER.get(name.lower()) if isinstance(name, str) else None
