"""What goes in and out, as types: the source of docs/openapi/leadping.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from feedbackhub.api.openapi import parameter

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Type = Literal["bug", "confusing", "feature_request", "missing_capability", "other"]
Status = Literal["new", "reviewed", "planned", "in_progress", "shipped", "closed", "ignored"]
Area = Annotated[str, Meta(max_length=200)]


class NewFeedback(TypedDict):
    """What a user of the product says. Unknown members are ignored."""

    message: Annotated[str, Meta(min_length=1, max_length=10_000)]
    type: NotRequired[Type | None]
    route: NotRequired[Annotated[str, Meta(max_length=2048)] | None]
    area: NotRequired[Area | None]
    allowContact: NotRequired[bool]
    clientVersion: NotRequired[Annotated[str, Meta(max_length=100)] | None]


class Feedback(TypedDict):
    """An item; every member is always there. The snapshots are of the moment of submission."""

    id: str
    businessId: str | None
    organizationId: str | None
    userId: str | None
    type: Type
    status: Status
    area: str | None
    route: str | None
    message: str
    allowContact: bool
    userAgent: str | None
    clientVersion: str | None
    serverVersion: str | None
    environment: str | None
    subscriptionPlanSnapshot: str | None
    businessNameSnapshot: str | None
    userEmailSnapshot: str | None
    userDisplayNameSnapshot: str | None
    adminNote: str | None
    externalIssueUrl: str | None
    duplicateOfFeedbackItemId: str | None
    createdAt: Time
    reviewedAt: Time | None
    closedAt: Time | None
    reviewedByUserId: str | None
    closedByUserId: str | None


class Triage(TypedDict, total=False):
    """Absent is unchanged; null clears, and leaves type and status alone."""

    type: Type | None
    status: Status | None
    area: Area | None
    adminNote: Annotated[str, Meta(max_length=10_000)] | None
    externalIssueUrl: Annotated[str, Meta(max_length=2048)] | None
    duplicateOfFeedbackItemId: str | None


class FeedbackPage(TypedDict):
    """`pageSize` is the limit in effect, not the number of items."""

    items: list[Feedback]
    pageSize: int
    continuationToken: str | None


class CountedPage(FeedbackPage):
    """`totalCount` is null unless `includeCount` asked for it."""

    totalCount: int | None


class Filter(TypedDict):
    """`field` is a member of an item, in any case; `value` one of its values, null, or a list of those that will do."""

    field: str
    value: Any


class RangeFilter(TypedDict):
    """`field` is one of the times; at least one bound."""

    field: str
    greaterThan: NotRequired[Time | None]
    greaterThanOrEqual: NotRequired[Time | None]
    lessThan: NotRequired[Time | None]
    lessThanOrEqual: NotRequired[Time | None]


class OrderBy(TypedDict):
    """Ascending unless said; what is null comes first."""

    field: str
    direction: NotRequired[Literal["asc", "desc"] | None]


class Search(TypedDict, total=False):
    """All that is given must hold. Unknown members are ignored."""

    pageSize: Annotated[int, Meta(ge=1)] | None
    continuationToken: str | None
    includeCount: bool | None
    search: Annotated[str, Meta(max_length=200)] | None
    searchFields: Annotated[list[str], Meta(max_length=50)] | None
    filters: Annotated[list[Filter], Meta(max_length=50)] | None
    rangeFilters: Annotated[list[RangeFilter], Meta(max_length=50)] | None
    orderBy: Annotated[list[OrderBy], Meta(max_length=5)] | None


_TIME = {"type": "string", "format": "date-time"}
LIST = [
    parameter("Area", str),
    parameter("BusinessId", str),
    parameter("ContinuationToken", str, "continuationToken of the page before."),
    parameter("CreatedStart", _TIME, "Inclusive."),
    parameter("CreatedEnd", _TIME, "Inclusive."),
    parameter("PageSize", Annotated[int, Meta(ge=1)], "50 unless said, at most 100 in effect."),
    parameter("Search", Annotated[str, Meta(max_length=200)], "In message, area and route."),
    parameter("Status", Status),
    parameter("Type", Type),
]
