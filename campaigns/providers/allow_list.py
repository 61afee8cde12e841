"""SEND_ONLY_TO: whom an installation that is not the real one may write to."""

from __future__ import annotations

from fnmatch import fnmatchcase

from django.conf import settings


def may_send_to(address: str) -> bool:
    """Patterns are addresses, `*@example.com` or `+1555*`; an empty list allows everybody."""
    patterns: list[str] = settings.SEND_ONLY_TO
    return not patterns or any(fnmatchcase(address.lower(), pattern.lower()) for pattern in patterns)
