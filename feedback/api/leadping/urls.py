"""Below /leadping; each address with and without a slash at the end, so that no client is ever redirected."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.leadping.views import Feedback, FeedbackAdmin

urlpatterns = [
    re_path(r"^feedback/?$", Feedback.as_view({"post": "create"})),
    re_path(r"^feedback/admin/?$", FeedbackAdmin.as_view({"get": "list"})),
    re_path(r"^feedback/admin/(?P<id>[^/]+)/?$", FeedbackAdmin.as_view({"get": "retrieve", "put": "update"})),
]
