"""Names and address lines as they are stored."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Model

from feedbackhub.errors import Invalid
from feedbackhub.texts import is_one_line


def fit(model: type[Model], field: str, value: str | None) -> str | None:
    """Without surrounding blanks, None when nothing is left; Invalid when it has several lines or the column is
    shorter."""
    text = (value or "").strip()
    if not is_one_line(text):
        raise Invalid("Use printable characters on one line.", field=field)
    column: Any = model._meta.get_field(field)
    if isinstance(column, CharField) and column.max_length and len(text) > column.max_length:
        raise Invalid(f"At most {column.max_length} characters.", field=field)
    return text or None
