"""Fields that senders send."""

from __future__ import annotations

from typing import Any

COMMENT = {"category": "content", "type": "string", "name": "comment", "value": "Great"}


def field(type: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"category": "content", "type": type, "name": "f", "value": value, **more}
