"""Below /v1; each address with and without a slash at the end, so that no client is ever redirected."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.hub.views import FeedbackRecords

urlpatterns = [
    re_path(r"^feedback-records/?$", FeedbackRecords.as_view({"get": "list", "post": "create", "delete": "erase"})),
    re_path(r"^feedback-records/count/?$", FeedbackRecords.as_view({"get": "count"})),
    re_path(
        r"^feedback-records/(?P<id>[^/]+)/?$",
        FeedbackRecords.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
]
