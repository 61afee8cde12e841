"""The shapes of feedback items on this wire, and the way in and out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.models import Account
from feedback.domain.items import ItemDraft
from feedback.domain.triage import Changes
from feedback.models import FeedbackItem
from feedbackhub.api.times import format_utc
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
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


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
        # A header may hold what no text of ours does.
        user_agent="".join(filter(str.isprintable, user_agent or ""))[:USER_AGENT_LENGTH] or None,
        client_version=texts["clientVersion"],
    )


def parse_changes(body: Mapping[str, Any], item: FeedbackItem) -> tuple[Changes, UUID | None]:
    """What a PUT changes, and the id of the item it is a duplicate of if that is set.

    Absent is unchanged. Null clears; a null type or status is unchanged, since an item always has both. So is one that
    this contract has no word for and that comes back as it was shown: a client that sends all it read means no change.
    """
    problems: list[FieldProblem] = []
    changes: dict[str, Any] = {}
    for name, known, standing_in in (
        ("type", TYPES, TYPE_SHOWN.get(Type(item.type))),
        ("status", STATUSES, STATUS_SHOWN.get(Status(item.status))),
    ):
        value = _enum(body, name, known, problems)
        if value is not None and value != standing_in:
            changes[name] = value
    for name, column in (("area", "area"), ("adminNote", "admin_note"), ("externalIssueUrl", "external_issue_url")):
        if name in body:
            changes[column] = _text(body, name, problems)
    original = _text(body, "duplicateOfFeedbackItemId", problems)
    if "duplicateOfFeedbackItemId" in body and not original:
        changes["duplicate_of"] = None
    id = uuid_of(original) if original else None
    if original and id is None:
        problems.append(FieldProblem("duplicateOfFeedbackItemId", "There is no such feedback item."))
    if problems:
        raise Invalid.many(problems)
    return Changes(**changes), id  # type: ignore[typeddict-item]


def item_id(text: str) -> UUID:
    """An id of the path; one that is no id names nothing."""
    found = uuid_of(text)
    if found is None:
        raise NotFound("Feedback item not found.")
    return found


def uuid_of(text: str) -> UUID | None:
    """An id as this contract writes it; Python would take braces and URNs as well."""
    return UUID(text) if UUID_FORM.fullmatch(text) else None


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
