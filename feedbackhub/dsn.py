"""Connection addresses as Django wants them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from feedbackhub.env import BadSetting


def database_settings(url: str, *, timeout_ms: int) -> dict[str, Any]:
    """`postgresql://user:password@host:5432/name?host=/socket/dir` as a DATABASES entry."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        raise BadSetting("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    user = query.pop("user", None) or unquote(parts.username or "")
    return {
        "ENGINE": "feedbackhub.postgres",
        "NAME": unquote(parts.path[1:]),
        "USER": user,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Only cursors that bind on the server prepare (feedbackhub/postgres); PgBouncer needs 1.21 or newer.
            "prepare_threshold": 3,
            **query,
            "options": f"-c statement_timeout={timeout_ms} -c lock_timeout=3000 "
            "-c idle_in_transaction_session_timeout=15000 -c synchronous_commit=on",
            "application_name": "feedbackhub",
        },
    }


def cache_location(url: str) -> str:
    """A Redis address; unix:///path?db=1 and redis://host:6379/1 both work."""
    if urlsplit(url).scheme not in ("unix", "redis", "rediss"):
        raise BadSetting("CACHE_URL must start with redis://, rediss:// or unix://.")
    return url
