"""The accounts app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts.domain import exporting, jobs, mails
        from feedbackhub import queues

        queues.register("account_mails", mails.lag)
        queues.register("jobs", jobs.lag)
        jobs.register(exporting.EXPORT)
