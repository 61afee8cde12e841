"""The crm app."""

from __future__ import annotations

from django.apps import AppConfig


class CRMConfig(AppConfig):
    name = "crm"
    verbose_name = "CRM"

    def ready(self) -> None:
        from crm.domain import lookbacks
        from crm.domain.merging import merge
        from feedbackhub import queues

        lookbacks.contribute(merge.follow)
        queues.register("lookbacks", lookbacks.lag)
