"""How a typed answer is said in words."""

from __future__ import annotations

from feedback.models import FeedbackRecord

Type = FeedbackRecord.FieldType
# Tops of the scales that a field type fixes.
TOPS = {Type.NPS: 10, Type.CSAT: 5, Type.CES: 7}
STARS = 5


def value(record: FeedbackRecord) -> str:
    """The value alone, such as "7 of 10", "Yes" or the words."""
    if record.value_number is not None:
        top = record.value_scale or TOPS.get(Type(record.field_type))
        return f"{record.value_number:g} of {top}" if top else f"{record.value_number:g}"
    if record.value_boolean is not None:
        return "Yes" if record.value_boolean else "No"
    if record.value_date is not None:
        return f"{record.value_date:%Y-%m-%d}"
    return record.value_text or record.value_id or "no value"


def score(record: FeedbackRecord) -> str:
    """A score with its scale's name, such as "NPS 7 of 10", "★★★☆☆" or "Happy"."""
    if record.field_type == Type.BOOLEAN:
        return "Happy" if record.value_boolean else "Unhappy"
    if record.field_type == Type.RATING and record.value_scale in (None, STARS) and record.value_number is not None:
        full = max(0, min(STARS, round(record.value_number)))
        return "★" * full + "☆" * (STARS - full)
    if record.field_type in TOPS:
        return f"{record.field_type.upper()} {value(record)}"
    return value(record)
