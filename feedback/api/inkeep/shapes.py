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


class NewThumb(Said):
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
    type: Literal["openai"]
    externalId: str | None
    externalUrl: str | None
    conversationId: str
    createdAt: str
    updatedAt: str
    role: Literal["system", "user", "assistant"]
    content: str


class OpenAIMessage(TypedDict):
    role: Literal["system", "user", "assistant"]
    content: str


class Conversation(TypedDict):
    id: str
    type: Literal["openai"]
    externalId: str | None
    externalUrl: str | None
    supportTicketConversationId: str | None
    createdAt: str
    updatedAt: str
    projectId: str | None
    integrationId: str | None
    visibility: Literal["private", "public"] | None
    messages: list[Message]
    messagesOpenAIFormat: list[OpenAIMessage]


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


PAGING = [
    parameter("limit", Annotated[int, Meta(ge=0, le=100)], "10 unless said; of each kind."),
    parameter("offset", Annotated[int, Meta(ge=0, le=1_000_000)], "Of each kind."),
]
