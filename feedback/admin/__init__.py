"""Feedback in the console."""

from __future__ import annotations

from feedback.admin import items

__all__ = ["items"]
