"""Asking for feedback, in the console."""

from __future__ import annotations

from campaigns.admin import ask_pages, campaigns, enrolments, messages, outbox, requests, sending, templates

__all__ = ["ask_pages", "campaigns", "enrolments", "messages", "outbox", "requests", "sending", "templates"]
