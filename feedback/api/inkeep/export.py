"""What a query finds, as a CSV file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from feedbackhub.api.times import format_utc

MEDIA_TYPE = "text/csv; charset=utf-8"
HEADERS = {"Content-Disposition": 'attachment; filename="feedback.csv"'}
# What spreadsheets take for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def written(names: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    """The file, whole before it is sent: the database is not kept waiting for a reader, and what goes wrong is still
    an error."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow([_cell(name) for name in names])
    lines.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_utc(value, 3)
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    return value
