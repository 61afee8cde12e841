"""Typed answers, below /api/v1."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.v1.views import Records

urlpatterns = [
    re_path(r"^records/?$", Records.as_view({"get": "list"})),
    re_path(r"^records/count/?$", Records.as_view({"get": "count"})),
    re_path(r"^records/(?P<id>[^/]+)/?$", Records.as_view({"get": "retrieve"})),
]
