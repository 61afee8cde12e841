"""The project package: settings, mount table, API kit, local supervisor."""

from __future__ import annotations

from feedbackhub.celery import app as celery_app

__all__ = ["celery_app"]
