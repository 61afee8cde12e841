"""Names and address lines as they are stored."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Model

from feedbackhub.errors import Invalid


def fit(model: type[Model], field: str, value: str | None) -> str | None:
    """Without surrounding blanks, None when nothing is left; Invalid when the column is shorter."""
    text = (value or "").strip()
    column: Any = model._meta.get_field(field)
    if isinstance(column, CharField) and column.max_length and len(text) > column.max_length:
        raise Invalid(f"At most {column.max_length} characters.", field=field)
    return text or None
