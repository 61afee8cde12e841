"""Relative to /v1.3/."""

from __future__ import annotations

from feedbackhub.api.feedbackapi.routes import READ_ONLY, routes
from reviews.api.feedbackapi.views import LocationViewSet, ReviewViewSet

urlpatterns = [*routes("locations", LocationViewSet), *routes("reviews", ReviewViewSet, **READ_ONLY)]
