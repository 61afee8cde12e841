"""From the fields of a source's record to typed answers: which count, as what, on which scale."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord, SourceRecord

FieldType = FeedbackRecord.FieldType
CONTENT = "content"
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


def drafts(record: SourceRecord) -> Iterator[RecordDraft]:
    """One answer per content field and per score; all else describes the record and stays with it."""
    seen: Counter[str] = Counter()
    for field in record.fields:
        value = _answer(field)
        if value is None:
            continue
        name = field["name"]
        seen[name] += 1
        yield RecordDraft(
            contract=FeedbackRecord.Contract.BUILDBETTER,
            submission_id=str(record.pk),
            source_type=record.source.type,
            source_id=str(record.source_id),
            source_name=record.source.name,
            # A record may name two fields alike; an answer's id is its own.
            field_id=name if seen[name] == 1 else f"{name}#{seen[name]}",
            field_label=name,
            customer_id=record.customer_id,
            collected_at=record.display_ts,
            **value,
        )


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
    """A checked date or time stamp; a bare date is its midnight in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
