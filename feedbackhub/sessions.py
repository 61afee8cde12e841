"""Sessions in the database, by Django; only what can be a session's key is looked up there."""

from __future__ import annotations

import re

from django.contrib.sessions.backends import db

KEY = re.compile(r"[0-9a-z]{32}", re.ASCII)


class SessionStore(db.SessionStore):
    """A cookie may hold anything, quoted NUL too, which PostgreSQL refuses with an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and KEY.fullmatch(key))
