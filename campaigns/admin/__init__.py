"""Asking for feedback, in the console."""

from __future__ import annotations

from campaigns.admin import messages, outbox, requests, sending, templates

__all__ = ["messages", "outbox", "requests", "sending", "templates"]
