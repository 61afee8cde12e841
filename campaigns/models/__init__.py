"""Campaigns, requests for feedback, and the ledger of what was sent."""

from __future__ import annotations

from campaigns.models.arming import SenderArming
from campaigns.models.ask_page import AskPage
from campaigns.models.campaign import Campaign, Enrolment, Step
from campaigns.models.credentials import ProviderCredentials
from campaigns.models.decision import Decision
from campaigns.models.inbound import ProviderEvent, SenderStop, SmsReply
from campaigns.models.message import Message, SendAttempt
from campaigns.models.outbox import OutboxEntry
from campaigns.models.quota import SmsQuota
from campaigns.models.request import FeedbackRequest
from campaigns.models.rules import SendingRules
from campaigns.models.template import MessageTemplate

__all__ = [
    "AskPage",
    "Campaign",
    "Decision",
    "Enrolment",
    "FeedbackRequest",
    "Message",
    "MessageTemplate",
    "OutboxEntry",
    "ProviderCredentials",
    "ProviderEvent",
    "SendAttempt",
    "SenderArming",
    "SenderStop",
    "SendingRules",
    "SmsQuota",
    "SmsReply",
    "Step",
]
