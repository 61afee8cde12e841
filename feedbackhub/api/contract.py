"""What tells one wire contract from another, as one value per contract.

`<app>/api/<contract>/contract.py` makes the instance; everything in the kit asks it instead of branching on a name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from feedbackhub.api.errors import ApiError, ErrorReply

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, eq=False)
class Contract:
    """One wire contract: where it lives, how it is keyed, how its errors look.

    `name` is the key of settings.RATE_LIMITS and the stem of its scopes (`hub`, `hub:read`, `hub:write`).
    `prefixes` serve errors that no view of the contract renders: an unknown path, a bad host, a crash.
    """

    name: str
    prefixes: tuple[str, ...]
    # Where the key is carried; helpers in credentials.py. None: no key was sent.
    read_key: Callable[[HttpRequest], str | None]
    # WWW-Authenticate of a 401.
    challenge: str
    render_error: Callable[[ApiError, HttpRequest], ErrorReply]
    max_body_bytes: int = 2 * MEBIBYTE
    # A body without Content-Type counts as JSON.
    json_without_type: bool = False
    # Browsers may call it, from the origins that the account lists.
    cors: bool = False
    # X-RateLimit-Limit, -Remaining and -Reset on every answer.
    rate_headers: bool = False

    # For its OpenAPI document (docs/openapi/<name>.json).
    title: str = ""
    version: str = "1.0.0"
    description: str = ""
    # JSON Schema of the error body and its media type; every operation answers with it.
    error_schema: dict[str, Any] = field(default_factory=lambda: {"type": "object"})
    error_media_type: str = "application/json"
    # The OpenAPI security scheme of the key.
    security_scheme: dict[str, Any] = field(default_factory=lambda: {"type": "http", "scheme": "bearer"})

    def serves(self, path: str) -> int:
        """How long the prefix of ours is that `path` lies under; 0 is none."""
        return max((len(each) for each in self.prefixes if path == each or path.startswith(f"{each}/")), default=0)
