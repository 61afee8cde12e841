"""The shapes of thumbs on this wire, and the way in and out of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from feedback.api.inkeep import context
from feedback.domain.queries.thumb_query import PAGE, Answer
from feedback.domain.queries.thumbs import Thumbs
from feedback.domain.thumbs import ThumbDraft
from feedback.models import FeedbackRecord
from feedbackhub.api.errors import ApiError
from feedbackhub.api.times import format_utc, parse_timestamp
from feedbackhub.errors import FieldProblem, Invalid

TYPES = {"positive": True, "negative": False}
ID_LENGTH = 255
DEFAULT_LIMIT, LARGEST_LIMIT, LARGEST_OFFSET = 10, 100, 1_000_000
SOURCE_TYPES = ("positive", "negative", "new", None)


def parse_thumb(body: Mapping[str, Any], *, sure: bool = False) -> ThumbDraft:
    """A checked draft; optional members that were sent are kept as they were. Raises Invalid."""
    problems: list[FieldProblem] = []
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        problems.append(FieldProblem("type", 'must be "positive" or "negative"'))
    for name in ("messageId", "id"):
        _identifier(body, name, problems, required=name == "messageId")
    sent: dict[str, Any] = {}
    for name, check in {**OPTIONAL, **CONTEXT}.items():
        if name in body:
            sent[name] = body[name]
            if body[name] is not None:
                check(name, body[name], problems)
    created, updated = (_moment(body, name, problems) for name in ("createdAt", "updatedAt"))
    if problems:
        raise Invalid.many(problems)
    person = body.get("userProperties") or {}
    return ThumbDraft(
        id=body.get("id"),
        positive=TYPES[body["type"]],
        message_id=body["messageId"],
        created_at=created,
        updated_at=updated,
        text=_said(body),
        user_id=_user_id(person),
        user_email=person["email"] if isinstance(person.get("email"), str) else "",
        sure=sure,
        sent=sent,
    )


def parse_page(query: QueryDict) -> tuple[int, int]:
    """Limit and offset; blank means not given."""
    problems: list[FieldProblem] = []
    limit = _whole(query, "limit", DEFAULT_LIMIT, LARGEST_LIMIT, problems)
    offset = _whole(query, "offset", 0, LARGEST_OFFSET, problems)
    if problems:
        raise Invalid.many(problems)
    return limit, offset


def render(record: FeedbackRecord) -> dict[str, Any]:
    """A thumb as its sender logged it."""
    sent = record.raw or {}
    return {
        "id": record.submission_id,
        "type": "positive" if record.value_boolean else "negative",
        "messageId": record.source_id,
        "createdAt": format_utc(record.collected_at, 3),
        "updatedAt": format_utc(record.updated_at, 3),
        **{name: sent[name] for name in OPTIONAL if name in sent},
    }


def render_in_context(record: FeedbackRecord) -> dict[str, Any]:
    """A thumb with its message and conversation."""
    return {**render(record), **context.render(record)}


def render_page(thumbs: Thumbs) -> dict[str, Any]:
    return {
        "positiveFeedbackCount": thumbs.positive_count,
        "negativeFeedbackCount": thumbs.negative_count,
        "positiveFeedback": [render_in_context(record) for record in thumbs.positive],
        "negativeFeedback": [render_in_context(record) for record in thumbs.negative],
    }


def render_answer(answer: Answer) -> dict[str, Any]:
    result = [{name: _shown(value) for name, value in row.items()} for row in answer.rows]
    return {
        "status": "ok",
        "data": {"result": result, "total": answer.total, "pageSize": PAGE, "count": len(result)},
    }


def _shown(value: Any) -> Any:
    return format_utc(value, 3) if isinstance(value, datetime) else value


def _identifier(body: Mapping[str, Any], name: str, problems: list[FieldProblem], *, required: bool) -> None:
    value = body.get(name)
    if value is None and not required:
        return
    if not isinstance(value, str) or not 1 <= len(value) <= ID_LENGTH:
        problems.append(FieldProblem(name, f"must be a string of 1 to {ID_LENGTH} characters"))


def _moment(body: Mapping[str, Any], name: str, problems: list[FieldProblem]) -> datetime | None:
    if body.get(name) is None:
        return None
    try:
        return parse_timestamp(body[name], name)
    except ApiError as error:
        problems += error.problems
    return None


def _reasons(name: str, value: Any, problems: list[FieldProblem]) -> None:
    for index, reason in enumerate(_listed(name, value, problems)):
        wrong = [member for member in ("label", "details") if not isinstance(reason.get(member), str)]
        problems += [FieldProblem(f"{name}.{index}.{member}", "must be a string") for member in wrong]


def _sources(name: str, value: Any, problems: list[FieldProblem]) -> None:
    for index, source in enumerate(_listed(name, value, problems)):
        if source.get("type") not in SOURCE_TYPES:
            problems.append(FieldProblem(f"{name}.{index}.type", "must be positive, negative, new or null"))
        wrong = [member for member in ("title", "url") if not isinstance(source.get(member), str | None)]
        problems += [FieldProblem(f"{name}.{index}.{member}", "must be a string or null") for member in wrong]


def _listed(name: str, value: Any, problems: list[FieldProblem]) -> list[dict[str, Any]]:
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    problems.append(FieldProblem(name, "must be an array of objects or null"))
    return []


def _object(name: str, value: Any, problems: list[FieldProblem]) -> None:
    if not isinstance(value, dict):
        problems.append(FieldProblem(name, "must be an object or null"))


def _person(name: str, value: Any, problems: list[FieldProblem]) -> None:
    _object(name, value, problems)
    if not isinstance(value, dict):
        return
    for member, kinds in PERSON.items():
        known = value.get(member)
        if known is not None and (isinstance(known, bool) or not isinstance(known, kinds)):
            wanted = "a string" if kinds == (str,) else "a string or a number"
            problems.append(FieldProblem(f"{name}.{member}", f"must be {wanted}"))


def _string(name: str, value: Any, problems: list[FieldProblem]) -> None:
    if not isinstance(value, str):
        problems.append(FieldProblem(name, "must be a string or null"))


# The members of userProperties that mean something to the original; all others are free.
PERSON: dict[str, tuple[type, ...]] = {
    "id": (str, int, float),
    "identificationType": (str,),
    "userId": (str, int, float),
    "supportAgentName": (str,),
    "supportAgentEmail": (str,),
    "userType": (str,),
}
OPTIONAL: dict[str, Callable[[str, Any, list[FieldProblem]], None]] = {
    "reasons": _reasons,
    "details": _string,
    "properties": _object,
    "userProperties": _person,
    "sources": _sources,
}
# What only reads carry.
CONTEXT = {"message": context.check_message, "conversation": context.check_conversation}


def _said(body: Mapping[str, Any]) -> str | None:
    """What the person gave as reasons, as one text that people search and read."""
    reasons = [": ".join(filter(None, (each["label"], each["details"]))) for each in body.get("reasons") or []]
    return "\n".join(filter(None, [*reasons, body.get("details")])) or None


def _user_id(person: Mapping[str, Any]) -> str | None:
    """The id of the user, a number as its digits; too long for an id is none."""
    value = person.get("userId") if person.get("userId") is not None else person.get("id")
    text = "" if value is None else str(value)
    return text if 1 <= len(text) <= ID_LENGTH else None


def _whole(query: QueryDict, name: str, default: int, largest: int, problems: list[FieldProblem]) -> int:
    text = query.get(name)
    if not text or text == "null":
        return default
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) and int(text) <= largest:
        return int(text)
    problems.append(FieldProblem(name, f"must be a whole number from 0 to {largest}"))
    return default
