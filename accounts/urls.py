"""Pages about joining; signing in itself is allauth's."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
