"""Typed answers, where they come from, and the items staff triage."""

from __future__ import annotations

from feedback.models.bands import Band
from feedback.models.duplicate import NotAlike
from feedback.models.embedding import EmbeddingWalk, RecordEmbedding
from feedback.models.item import Evidence, FeedbackItem, ItemNote
from feedback.models.label import ItemLabel, Label
from feedback.models.macro import Macro
from feedback.models.record import FeedbackRecord
from feedback.models.reply import Reply
from feedback.models.response import Response
from feedback.models.rule import TriageRule, UnsortedAnswer
from feedback.models.sla import ServiceHours, ServiceTarget
from feedback.models.source import Source, SourceRecord
from feedback.models.tenant import TenantPurge, TenantSettings
from feedback.models.undo import ActionTaken, UndoStep
from feedback.models.view import DefaultView, SavedView
from feedback.models.webhook import PING, EventType, WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "PING",
    "ActionTaken",
    "Band",
    "DefaultView",
    "EmbeddingWalk",
    "EventType",
    "Evidence",
    "FeedbackItem",
    "FeedbackRecord",
    "ItemLabel",
    "ItemNote",
    "Label",
    "Macro",
    "NotAlike",
    "RecordEmbedding",
    "Reply",
    "Response",
    "SavedView",
    "ServiceHours",
    "ServiceTarget",
    "Source",
    "SourceRecord",
    "TenantPurge",
    "TenantSettings",
    "TriageRule",
    "UndoStep",
    "UnsortedAnswer",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
