"""The message that a thumb is about and its conversation: clients refuse a read without them.

Both are optional in what is logged. What was sent comes back as it was; what clients insist on and was not sent is
filled in, from `messageId` and the thumb's times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feedback.models import FeedbackRecord
from feedbackhub.api.times import format_utc
from feedbackhub.errors import FieldProblem

OPENAI = "openai"
TYPES = (OPENAI, "support_ticket", "support_copilot")
ROLES = ("system", "user", "assistant")
VISIBILITIES = ("private", "public")
ELSEWHERE = ("externalId", "externalUrl")
# Members that are strings, and those that may be null as well.
MESSAGE = ("id", "conversationId", "createdAt", "updatedAt", "role")
CONVERSATION = ("id", "createdAt", "updatedAt")
MESSAGE_NULLABLE = (*ELSEWHERE, "name")
CONVERSATION_NULLABLE = (*ELSEWHERE, "supportTicketConversationId", "projectId", "integrationId")


def check_message(name: str, value: Any, problems: list[FieldProblem], *, usual: str = OPENAI) -> None:
    """`usual` is the type of a message that does not say."""
    if not isinstance(value, dict):
        problems.append(FieldProblem(name, "must be an object or null"))
        return
    _strings(name, value, MESSAGE, MESSAGE_NULLABLE, problems)
    _one_of(f"{name}.type", value.get("type"), TYPES, problems)
    if (value.get("type") or usual) == OPENAI:
        _one_of(f"{name}.role", value.get("role"), ROLES, problems)
    content = value.get("content")
    if content is not None and not isinstance(content, str) and not _objects(content):
        problems.append(FieldProblem(f"{name}.content", "must be a string or an array of objects"))
    _maybe_objects(name, value, ("links", "tool_calls"), problems)
    for number, link in enumerate(value["links"] if _objects(value.get("links")) else ()):
        if not isinstance(link.get("url"), str):
            problems.append(FieldProblem(f"{name}.links.{number}.url", "must be a string"))
    _free(name, value, problems)


def check_conversation(name: str, value: Any, problems: list[FieldProblem]) -> None:
    if not isinstance(value, dict):
        problems.append(FieldProblem(name, "must be an object or null"))
        return
    _strings(name, value, CONVERSATION, CONVERSATION_NULLABLE, problems)
    _one_of(f"{name}.type", value.get("type"), TYPES, problems)
    _one_of(f"{name}.visibility", value.get("visibility"), VISIBILITIES, problems)
    _maybe_objects(name, value, ("messages", "messagesOpenAIFormat"), problems)
    for number, message in enumerate(value["messages"] if _objects(value.get("messages")) else ()):
        check_message(f"{name}.messages.{number}", message, problems, usual=value.get("type") or OPENAI)
    _free(name, value, problems)


def render(record: FeedbackRecord) -> dict[str, Any]:
    """`message` and `conversation` of a thumb."""
    sent = record.raw or {}
    said, about = sent.get("message") or {}, sent.get("conversation") or {}
    frame = {
        "conversationId": about.get("id") or said.get("conversationId") or record.source_id,
        "createdAt": format_utc(record.collected_at, 3),
        "updatedAt": format_utc(record.updated_at, 3),
        "type": about.get("type") or said.get("type") or OPENAI,
    }
    among = [each for each in about.get("messages") or () if each.get("id") == record.source_id]
    message = _message(record.source_id, said or (among[0] if among else {}), frame)
    return {"message": message, "conversation": _conversation(about, message, frame)}


def _message(id: str | None, sent: Mapping[str, Any], frame: Mapping[str, Any]) -> dict[str, Any]:
    made_up = {"id": id, "externalId": None, "externalUrl": None, **frame, "role": "assistant", "content": ""}
    return {**made_up, **_given(sent)}


def _conversation(sent: Mapping[str, Any], message: dict[str, Any], frame: Mapping[str, Any]) -> dict[str, Any]:
    found = [
        _message(f"{frame['conversationId']}:{number}", each, frame)
        for number, each in enumerate(sent.get("messages") or ())
    ]
    messages = found or [message]
    made_up: dict[str, Any] = {
        "id": frame["conversationId"],
        **dict.fromkeys(CONVERSATION_NULLABLE),
        **{name: frame[name] for name in ("type", "createdAt", "updatedAt")},
        "visibility": None,
    }
    if frame["type"] == OPENAI:
        made_up["messagesOpenAIFormat"] = [{name: each[name] for name in ("role", "content")} for each in messages]
    return {**made_up, **_given(sent), "messages": messages}


def _given(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Null says that there is none: what must be there is filled in, and stays null where it may be."""
    return {name: value for name, value in sent.items() if value is not None or name not in REQUIRED}


REQUIRED = frozenset({*MESSAGE, *CONVERSATION, "type", "content", "messages", "messagesOpenAIFormat"})


def _strings(
    name: str, value: dict[str, Any], members: tuple[str, ...], nullable: tuple[str, ...], problems: list[FieldProblem]
) -> None:
    wrong = [each for each in (*members, *nullable) if not isinstance(value.get(each), str | None)]
    problems += [FieldProblem(f"{name}.{each}", "must be a string") for each in wrong]


def _one_of(name: str, value: Any, known: tuple[str, ...], problems: list[FieldProblem]) -> None:
    if isinstance(value, str) and value not in known:
        problems.append(FieldProblem(name, f"must be one of {', '.join(known)}"))
    elif not isinstance(value, str | None):
        problems.append(FieldProblem(name, "must be a string"))


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _maybe_objects(name: str, value: dict[str, Any], members: tuple[str, ...], problems: list[FieldProblem]) -> None:
    wrong = [each for each in members if value.get(each) is not None and not _objects(value[each])]
    problems += [FieldProblem(f"{name}.{each}", "must be an array of objects") for each in wrong]


def _free(name: str, value: dict[str, Any], problems: list[FieldProblem]) -> None:
    wrong = [each for each in ("properties", "userProperties") if not isinstance(value.get(each), dict | None)]
    problems += [FieldProblem(f"{name}.{each}", "must be an object or null") for each in wrong]
