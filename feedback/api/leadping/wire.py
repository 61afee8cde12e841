"""The shapes of feedback items on this wire, and the way in and out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Account
from feedback.domain.items import ItemDraft
from feedback.domain.queries.items import ItemFilter
from feedback.domain.triage import Changes
from feedback.models import FeedbackItem
from feedbackhub.api.errors import ApiError
from feedbackhub.api.pagination import opened, sealed
from feedbackhub.api.times import format_utc, parse_timestamp
from feedbackhub.errors import FieldProblem, Invalid, NotFound

Type = FeedbackItem.Type
Status = FeedbackItem.Status

TYPES = ("bug", "confusing", "feature_request", "missing_capability", "other")
STATUSES = ("new", "reviewed", "planned", "in_progress", "shipped", "closed", "ignored")
# What the hub knows and this contract does not.
TYPE_SHOWN = {Type.COMPLAINT: "other", Type.PRAISE: "other"}
STATUS_SHOWN = {Status.SPAM: "ignored"}

LENGTHS = {
    "message": 10_000,
    "route": 2048,
    "area": 200,
    "clientVersion": 100,
    "adminNote": 10_000,
    "externalIssueUrl": 2048,
}
USER_AGENT_LENGTH = 1000
DEFAULT_PAGE = 50
LARGEST_PAGE = 100
SEARCH_LENGTH = 200
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListQuery:
    wanted: ItemFilter
    size: int
    after: tuple[datetime, UUID] | None


def parse_create(body: Mapping[str, Any], user_agent: str | None) -> ItemDraft:
    """Unknown members are ignored, as the original does. Raises Invalid with a problem per member at fault."""
    problems: list[FieldProblem] = []
    texts = {name: _text(body, name, problems) for name in ("message", "route", "area", "clientVersion")}
    kind = _enum(body, "type", TYPES, problems) or "other"
    allow_contact = body.get("allowContact", False)
    if not isinstance(allow_contact, bool):
        problems.append(FieldProblem("allowContact", "Must be true or false."))
    if not (texts["message"] or "").strip() and not problems:
        problems.append(FieldProblem("message", "The message must not be blank."))
    if problems:
        raise Invalid.many(problems)
    return ItemDraft(
        message=texts["message"] or "",
        channel=FeedbackItem.Channel.PRODUCT,
        type=kind,
        area=texts["area"],
        route=texts["route"],
        allow_contact=allow_contact,
        user_agent=user_agent[:USER_AGENT_LENGTH] if user_agent else None,
        client_version=texts["clientVersion"],
    )


def parse_changes(body: Mapping[str, Any]) -> tuple[Changes, UUID | None]:
    """What a PUT changes, and the id of the item it is a duplicate of if that is set.

    Absent is unchanged. Null clears; a null type or status is unchanged, since an item always has both.
    """
    problems: list[FieldProblem] = []
    changes: dict[str, Any] = {}
    for name, known in (("type", TYPES), ("status", STATUSES)):
        if (value := _enum(body, name, known, problems)) is not None:
            changes[name] = value
    for name, column in (("area", "area"), ("adminNote", "admin_note"), ("externalIssueUrl", "external_issue_url")):
        if name in body:
            changes[column] = _text(body, name, problems)
    original = _text(body, "duplicateOfFeedbackItemId", problems)
    if "duplicateOfFeedbackItemId" in body and not original:
        changes["duplicate_of"] = None
    if original and not UUID_FORM.fullmatch(original):
        problems.append(FieldProblem("duplicateOfFeedbackItemId", "There is no such feedback item."))
    if problems:
        raise Invalid.many(problems)
    return Changes(**changes), UUID(original) if original else None  # type: ignore[typeddict-item]


def parse_list(query: Mapping[str, str], account: Account) -> ListQuery:
    """The names come in any case, as the original binds them."""
    given = {name.lower(): value for name, value in query.items() if value}
    problems: list[FieldProblem] = []
    where: dict[str, Any] = {}
    if area := given.get("area"):
        where["area"] = area
    if status := _known(given, "Status", STATUSES, problems):
        where["status__in"] = [status, *(ours for ours, shown in STATUS_SHOWN.items() if shown == status)]
    if kind := _known(given, "Type", TYPES, problems):
        where["type__in"] = [kind, *(ours for ours, shown in TYPE_SHOWN.items() if shown == kind)]
    for name, lookup in (("CreatedStart", "created_at__gte"), ("CreatedEnd", "created_at__lte")):
        if (moment := _moment(given, name, problems)) is not None:
            where[lookup] = moment
    parsed = ListQuery(
        wanted=ItemFilter(
            where=where,
            search=given.get("search", "")[:SEARCH_LENGTH],
            nothing=given.get("businessid", account.public_id) != account.public_id,
        ),
        size=_page_size(given, problems),
        after=_token(given, problems),
    )
    if problems:
        raise Invalid.many(problems)
    return parsed


def item_id(text: str) -> UUID:
    """An id of the path; one that is no id names nothing."""
    if not UUID_FORM.fullmatch(text):
        raise NotFound("Feedback item not found.")
    return UUID(text)


def token_after(item: FeedbackItem) -> str:
    """Opaque to clients: the last item seen."""
    return sealed({"t": format_utc(item.created_at), "i": str(item.pk)})


def render(item: FeedbackItem, account: Account) -> dict[str, Any]:
    """All members, null ones written out; `organizationId` is what newer clients call the business."""
    return {
        "id": str(item.pk),
        "businessId": account.public_id,
        "organizationId": account.public_id,
        "userId": item.submitted_by.public_id if item.submitted_by else None,
        "type": TYPE_SHOWN.get(Type(item.type), item.type),
        "status": STATUS_SHOWN.get(Status(item.status), item.status),
        "area": item.area,
        "route": item.route,
        "message": item.message,
        "allowContact": item.allow_contact,
        "userAgent": item.user_agent,
        "clientVersion": item.client_version,
        "serverVersion": item.server_version,
        "environment": item.environment,
        "subscriptionPlanSnapshot": item.plan_snapshot,
        "businessNameSnapshot": item.business_name_snapshot,
        "userEmailSnapshot": item.user_email_snapshot,
        "userDisplayNameSnapshot": item.user_name_snapshot,
        "adminNote": item.admin_note,
        "externalIssueUrl": item.external_issue_url,
        "duplicateOfFeedbackItemId": str(item.duplicate_of_id) if item.duplicate_of_id else None,
        "createdAt": format_utc(item.created_at, 6),
        "reviewedAt": format_utc(item.reviewed_at, 6) if item.reviewed_at else None,
        "closedAt": format_utc(item.closed_at, 6) if item.closed_at else None,
        "reviewedByUserId": _user_id(item.reviewed_by),
        "closedByUserId": _user_id(item.closed_by),
    }


def _user_id(code: str | None) -> str | None:
    """A user by id alone; a key that acted keeps its kind, since it is no user."""
    return code.removeprefix("user:") if code else None


def _text(body: Mapping[str, Any], name: str, problems: list[FieldProblem]) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        problems.append(FieldProblem(name, "Must be a string."))
        return None
    longest = LENGTHS.get(name)
    if longest is not None and len(value) > longest:
        problems.append(FieldProblem(name, f"At most {longest} characters; these are {len(value)}."))
    return value


def _enum(body: Mapping[str, Any], name: str, known: tuple[str, ...], problems: list[FieldProblem]) -> str | None:
    value = body.get(name)
    if value is None or value in known:
        return value
    problems.append(FieldProblem(name, f"Must be one of: {', '.join(known)}."))
    return None


def _known(given: Mapping[str, str], name: str, known: tuple[str, ...], problems: list[FieldProblem]) -> str | None:
    value = given.get(name.lower())
    if value is not None and value not in known:
        problems.append(FieldProblem(name, f"Must be one of: {', '.join(known)}."))
    return value


def _moment(given: Mapping[str, str], name: str, problems: list[FieldProblem]) -> datetime | None:
    if (text := given.get(name.lower())) is None:
        return None
    try:
        # A plus that was not percent-encoded arrives as a blank.
        return parse_timestamp(text.replace(" ", "+"), name)
    except ApiError as error:
        problems += error.problems
    return None


def _page_size(given: Mapping[str, str], problems: list[FieldProblem]) -> int:
    text = given.get("pagesize", str(DEFAULT_PAGE))
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) and int(text) >= 1:
        return min(int(text), LARGEST_PAGE)
    problems.append(FieldProblem("PageSize", "Must be a whole number of at least 1."))
    return DEFAULT_PAGE


def _token(given: Mapping[str, str], problems: list[FieldProblem]) -> tuple[datetime, UUID] | None:
    text = given.get("continuationtoken")
    if text is None:
        return None
    try:
        seen = opened(text)
        return parse_timestamp(seen["t"], "ContinuationToken"), UUID(seen["i"])
    except (ValueError, TypeError, KeyError, AttributeError, ApiError):
        problems.append(FieldProblem("ContinuationToken", "Use the continuationToken of the page before."))
    return None
