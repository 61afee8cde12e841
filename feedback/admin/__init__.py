"""Feedback in the console."""

from __future__ import annotations

from feedback.admin import items, labels, macros, records, responses, rules, sla, sources, tenants, views, webhooks

__all__ = [
    "items",
    "labels",
    "macros",
    "records",
    "responses",
    "rules",
    "sla",
    "sources",
    "tenants",
    "views",
    "webhooks",
]
