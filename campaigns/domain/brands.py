"""Whose name, colour and reply address somebody sees: their location's own, else the account's."""

from __future__ import annotations

from accounts.domain.branding import Brand, brand_of
from campaigns.models import FeedbackRequest


def of_request(request: FeedbackRequest) -> Brand:
    location = request.location
    return brand_of(request.account, name=location.brand_name, color=location.brand_color)


def from_name(request: FeedbackRequest) -> str:
    location, account = request.location, request.account
    return location.from_name or location.brand_name or account.from_name or account.display_name


def reply_to(request: FeedbackRequest) -> str:
    return request.location.reply_to or request.account.reply_to
