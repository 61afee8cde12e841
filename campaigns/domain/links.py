"""Public addresses that carry a token."""

from __future__ import annotations

from django.conf import settings

from campaigns.models import FeedbackRequest, Message


def full_url(request: FeedbackRequest) -> str:
    """The landing page under the hub's own host."""
    return f"{settings.BASE_URL}/f/{request.landing_token}"


def branded_url(request: FeedbackRequest) -> str:
    """The same page under the account's domain when it has one."""
    domain = request.account.branded_domain
    base = f"https://{domain}" if domain else settings.BASE_URL
    return f"{base}/fb/{request.landing_token}"


def unsubscribe_url(message: Message) -> str:
    return f"{settings.BASE_URL}/u/{message.unsubscribe_token}"
