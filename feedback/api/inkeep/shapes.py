"""What goes in and out, as types: the source of docs/openapi/inkeep.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from feedbackhub.api.openapi import parameter

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Id = Annotated[str, Meta(min_length=1, max_length=255)]
Type = Literal["positive", "negative"]


class Reason(TypedDict):
    label: str
    details: str


class Source(TypedDict, total=False):
    type: Literal["positive", "negative", "new"] | None
    title: str | None
    url: str | None


class Said(TypedDict):
    """The optional members; they come back exactly as they were sent."""

    reasons: NotRequired[list[Reason] | None]
    details: NotRequired[str | None]
    properties: NotRequired[dict[str, Any] | None]
    userProperties: NotRequired[dict[str, Any] | None]
    sources: NotRequired[list[Source] | None]


class InContext(TypedDict, total=False):
    """What was talked about. Reads carry it as it was sent, with what clients insist on filled in."""

    message: dict[str, Any] | None
    conversation: dict[str, Any] | None


class NewThumb(Said, InContext):
    """A known id updates, an unknown one creates, none gets one."""

    type: Type
    messageId: Id
    id: NotRequired[Id | None]
    createdAt: NotRequired[Time | None]
    updatedAt: NotRequired[Time | None]


class Thumb(Said):
    id: str
    type: Type
    messageId: str
    createdAt: str
    updatedAt: str


class Message(TypedDict):
    id: str
    type: Literal["openai", "support_ticket", "support_copilot"]
    externalId: str | None
    externalUrl: str | None
    conversationId: str
    createdAt: str
    updatedAt: str
    role: str
    content: str | list[dict[str, Any]]


class OpenAIMessage(TypedDict):
    role: str
    content: str | list[dict[str, Any]]


class Conversation(TypedDict):
    id: str
    type: Literal["openai", "support_ticket", "support_copilot"]
    externalId: str | None
    externalUrl: str | None
    supportTicketConversationId: str | None
    createdAt: str
    updatedAt: str
    projectId: str | None
    integrationId: str | None
    visibility: Literal["private", "public"] | None
    messages: list[Message]
    messagesOpenAIFormat: NotRequired[list[OpenAIMessage]]


class ThumbInContext(Thumb):
    message: Message
    conversation: Conversation


class ThumbPage(TypedDict):
    """The counts are of everything, the lists of one page."""

    positiveFeedbackCount: int
    negativeFeedbackCount: int
    positiveFeedback: list[ThumbInContext]
    negativeFeedback: list[ThumbInContext]


class Deleted(TypedDict):
    success: bool
    message: str


Aggregation = Literal["sum", "count", "countDistinct", "avg", "min", "max"]
Column = Literal[
    "id",
    "type",
    "messageId",
    "createdAt",
    "updatedAt",
    "organizationId",
    "reasons",
    "sources",
    "details",
    "properties",
    "userProperties",
    "conversationId",
    "projectId",
    "integrationId",
]
Steps = Annotated[list[Annotated[str, Meta(max_length=255)]], Meta(max_length=8)]


class Selection(TypedDict):
    """`field` with `path` and `mode`, `aggregation` with `field` and `path`, or `time` with `timeUnit` and `field`."""

    type: Literal["field", "aggregation", "time"]
    field: NotRequired[Column | None]
    path: NotRequired[Steps | None]
    mode: NotRequired[Literal["unpack", "json"] | None]
    aggregation: NotRequired[Aggregation]
    timeUnit: NotRequired[Literal["hour", "day", "week", "month"]]


class Group(TypedDict):
    field: Column
    path: NotRequired[Steps | None]
    includeInSelect: NotRequired[bool]


class Condition(TypedDict):
    """For JSON, `value` may be {"path": [...], "value": ...}."""

    field: Column
    operator: Literal[
        "eq",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
        "in",
        "notIn",
        "isNull",
        "isNotNull",
        "arrayContains",
        "jsonContains",
        "jsonContainedBy",
        "jsonHasKey",
        "jsonArrayContainsObject",
        "jsonHasAnyKey",
        "jsonHasAllKeys",
    ]
    value: NotRequired[Any]


# One of: {"condition": ...}, {"and": [...]}, {"or": [...]}.
Where = TypedDict("Where", {"condition": Condition, "and": list["Where"], "or": list["Where"]}, total=False)


class Order(TypedDict):
    """A column, an aggregate such as count or min_createdAt, or a unit such as createdAt_day."""

    field: str
    direction: Literal["asc", "desc"]


class Query(TypedDict, total=False):
    """Nothing selected and nothing grouped by: every column."""

    select: Annotated[list[Selection], Meta(max_length=50)] | None
    groupBy: Annotated[list[Group], Meta(max_length=10)] | None
    where: Where | None
    orderBy: Annotated[list[Order], Meta(max_length=10)] | None
    notes: Annotated[str, Meta(max_length=80)] | None


class Found(TypedDict):
    """`total` rows were found; `result` holds the first `pageSize` of them."""

    result: list[dict[str, Any]]
    total: int
    pageSize: int
    count: int


class QueryAnswer(TypedDict):
    status: Literal["ok"]
    data: Found


View = Literal["events_view", "conversations_view", "semantic_threads_view", "feedback_view"]
Properties = Literal["properties", "userProperties"]


class PropertyKeys(TypedDict):
    field: Properties
    views: NotRequired[list[View] | None]
    where: NotRequired[Where | None]


class PropertyValues(TypedDict):
    field: Properties
    key: Annotated[str, Meta(max_length=255)]
    views: NotRequired[list[View] | None]
    limit: NotRequired[Annotated[int, Meta(ge=1, le=1000)] | None]


class Results(TypedDict):
    results: list[str]


PAGING = [
    parameter("limit", Annotated[int, Meta(ge=0, le=100)], "10 unless said; of each kind."),
    parameter("offset", Annotated[int, Meta(ge=0, le=1_000_000)], "Of each kind."),
]
