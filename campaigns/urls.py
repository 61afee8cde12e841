"""Public pages: addresses that carry a token."""

from __future__ import annotations

from django.urls import path

from campaigns.views import unsubscribe

urlpatterns = [
    path("u/<str:token>", unsubscribe.page, name="unsubscribe"),
    path("u/<str:token>/", unsubscribe.page),
]
