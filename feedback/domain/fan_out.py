"""From the fields of a source's record to typed answers: which count, as what, on which scale."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord, SourceRecord

FieldType = FeedbackRecord.FieldType
CONTENT = "content"
IDENTITY = "identity"
LONGEST_ID = 255
LARGEST_NUMBER = 1e15


class Scale(NamedTuple):
    type: str
    low: int
    high: int


# A number under one of these names is a score, whichever category the sender filed it under.
SCORES = {
    "nps": Scale(FieldType.NPS, 0, 10),
    "csat": Scale(FieldType.CSAT, 1, 5),
    "ces": Scale(FieldType.CES, 1, 7),
    "rating": Scale(FieldType.RATING, 1, 5),
    "stars": Scale(FieldType.RATING, 1, 5),
    "star_rating": Scale(FieldType.RATING, 1, 5),
}
NUMERIC = frozenset({"integer", "float"})


def drafts(record: SourceRecord, *, customer_id: int | None) -> Iterator[RecordDraft]:
    """One answer per content field and per score, said by that customer; all else describes the record and stays with
    it."""
    user_id = None if record.customer_id else named_person(record)
    taken: set[str] = set()
    for field in record.fields:
        value = _answer(field)
        if value is None:
            continue
        field_id = _free(field["name"], taken)
        taken.add(field_id)
        yield RecordDraft(
            contract=FeedbackRecord.Contract.BUILDBETTER,
            submission_id=str(record.pk),
            source_type=record.source.type,
            source_id=str(record.source_id),
            source_name=record.source.name,
            field_id=field_id,
            field_label=field["name"],
            user_id=user_id,
            customer_id=customer_id,
            collected_at=record.display_ts,
            **value,
        )


def named_person(record: SourceRecord) -> str | None:
    """The id or address by which the record's own fields name a person; an address rather than another id."""
    fields = [
        field for field in record.fields if field["category"] == IDENTITY and field["type"] in ("string", "integer")
    ]
    values = [text for field in fields if 0 < len(text := str(field["value"]).strip()) <= LONGEST_ID]
    return next((value for value in values if "@" in value), values[0] if values else None)


def _free(name: str, taken: set[str]) -> str:
    """A record may name two fields alike, but an answer's id is its own: `name`, `name#2`, …"""
    return next(each for each in (name, *(f"{name}#{n}" for n in range(2, len(taken) + 3))) if each not in taken)


def _answer(field: dict[str, Any]) -> dict[str, Any] | None:
    if field["value"] is None:
        return None
    if field["type"] in NUMERIC and (scale := _scale(field)):
        return {"field_type": scale.type, "value_number": float(field["value"]), "value_scale": scale.high}
    return _plain(field["type"], field["value"]) if field["category"] == CONTENT else None


def _scale(field: dict[str, Any]) -> Scale | None:
    name = re.sub(r"[^a-z]+", "_", field["name"].lower()).removesuffix("_score")
    scale = SCORES.get(name)
    return scale if scale and scale.low <= field["value"] <= scale.high else None


def _plain(kind: str, value: Any) -> dict[str, Any]:
    match kind:
        case "boolean":
            return {"field_type": FieldType.BOOLEAN, "value_boolean": value}
        case "integer" | "float" if abs(value) <= LARGEST_NUMBER:
            return {"field_type": FieldType.NUMBER, "value_number": float(value)}
        case "date" | "datetime":
            return {"field_type": FieldType.DATE, "value_date": _moment(value)}
        case "string":
            return {"field_type": FieldType.TEXT, "value_text": value}
        case _:
            return {"field_type": FieldType.TEXT, "value_text": json.dumps(value, ensure_ascii=False)}


def _moment(text: str) -> datetime:
    """A checked date or time stamp; a bare date is its midnight in UTC. Python knows fewer spellings than ISO 8601."""
    moment = datetime.fromisoformat(text.upper().replace(",", "."))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
