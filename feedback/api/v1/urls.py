"""Typed answers and the figures made of them, below /api/v1."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.v1.metrics import Figures
from feedback.api.v1.views import Answers

urlpatterns = [
    re_path(r"^records/?$", Answers.as_view({"get": "list"})),
    re_path(r"^records/count/?$", Answers.as_view({"get": "count"})),
    re_path(r"^records/batch/?$", Answers.as_view({"post": "batch"})),
    re_path(r"^records/(?P<id>[^/]+)/?$", Answers.as_view({"get": "retrieve"})),
    re_path(r"^metrics/?$", Figures.as_view({"get": "list"})),
    re_path(r"^metrics/items/?$", Figures.as_view({"get": "items"})),
    re_path(r"^metrics/(?P<metric>[^/]+)/?$", Figures.as_view({"get": "retrieve"})),
]
