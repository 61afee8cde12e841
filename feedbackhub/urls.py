"""The mount table: one screen, every public prefix."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from feedbackhub import health

urlpatterns = [
    path("", RedirectView.as_view(url="/console/")),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("console/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
