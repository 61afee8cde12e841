"""Django app configurations of the project package."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class FeedbackhubConfig(AppConfig):
    name = "feedbackhub"
    default = True

    def ready(self) -> None:
        # Registers the system checks, and makes our Celery application the one that every `shared_task` uses.
        from feedbackhub import celery, checks  # noqa: F401


class ConsoleConfig(admin_apps.AdminConfig):
    """Django admin with our own site class."""

    default_site = "feedbackhub.console.ConsoleSite"
    default = False
