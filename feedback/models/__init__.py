"""Typed answers, where they come from, and the items staff triage."""

from __future__ import annotations

from feedback.models.item import Evidence, FeedbackItem, ItemNote
from feedback.models.record import FeedbackRecord
from feedback.models.response import Response
from feedback.models.source import Source, SourceRecord

__all__ = ["Evidence", "FeedbackItem", "FeedbackRecord", "ItemNote", "Response", "Source", "SourceRecord"]
