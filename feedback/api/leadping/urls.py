"""Below /leadping; each address with and without a slash at the end, so that no client is ever redirected."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from feedback.api.leadping.views import Feedback, FeedbackAdmin


def triage(**options: Any) -> list[URLPattern]:
    """The older client's addresses for staff. `schema=None` where they are an alias."""
    return [
        re_path(r"^feedback/admin/?$", FeedbackAdmin.as_view({"get": "list"}, **options)),
        re_path(r"^feedback/admin/all/?$", FeedbackAdmin.as_view({"post": "search"}, **options)),
        re_path(
            r"^feedback/admin/(?P<id>[^/]+)/?$", FeedbackAdmin.as_view({"get": "retrieve", "put": "update"}, **options)
        ),
    ]


urlpatterns = [re_path(r"^feedback/?$", Feedback.as_view({"post": "create"})), *triage()]
