"""Feedback in the console."""

from __future__ import annotations

from feedback.admin import items, records, responses, sources, tenants, webhooks

__all__ = ["items", "records", "responses", "sources", "tenants", "webhooks"]
