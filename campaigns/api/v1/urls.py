"""Campaigns and requests, below /api/v1."""

from __future__ import annotations

from django.urls import re_path

from campaigns.api.v1.views import Campaigns, Enrolments, Requests

urlpatterns = [
    re_path(r"^requests/(?P<id>[^/]+)/?$", Requests.as_view({"get": "retrieve"})),
    re_path(r"^campaigns/?$", Campaigns.as_view({"get": "list"})),
    re_path(r"^campaigns/(?P<id>[^/]+)/?$", Campaigns.as_view({"get": "retrieve", "patch": "change"})),
    re_path(r"^campaigns/(?P<id>[^/]+)/dry-run/?$", Campaigns.as_view({"get": "dry_run"})),
    re_path(r"^enrolments/?$", Enrolments.as_view({"post": "create"})),
]
