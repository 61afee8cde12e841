"""Relative to /v1.3/."""

from __future__ import annotations

from campaigns.api.feedbackapi.views import FeedbackRequestViewSet, FeedbackViewSet
from feedbackhub.api.feedbackapi.routes import READ_ONLY, routes

urlpatterns = [
    *routes(
        "feedback-request",
        FeedbackRequestViewSet,
        member={"get": "retrieve"},
        aliases=("feedback-requests",),
    ),
    *routes("feedback", FeedbackViewSet, **READ_ONLY),
]
