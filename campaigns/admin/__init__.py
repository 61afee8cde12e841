"""Asking for feedback, in the console."""

from __future__ import annotations

from campaigns.admin import campaigns, enrolments, messages, outbox, requests, sending, templates

__all__ = ["campaigns", "enrolments", "messages", "outbox", "requests", "sending", "templates"]
