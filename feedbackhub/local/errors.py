"""What can stop a start, told to the person at the terminal."""

from __future__ import annotations


class LocalError(Exception):
    """The hub cannot start or run a command here; the text says why and what to do."""
