"""The crm app."""

from __future__ import annotations

from django.apps import AppConfig


class CRMConfig(AppConfig):
    name = "crm"
    verbose_name = "CRM"

    def ready(self) -> None:
        from accounts.domain import exporting, jobs
        from crm.domain import exports, lookbacks
        from crm.domain.importing import step
        from crm.domain.merging import merge
        from feedbackhub import queues

        lookbacks.contribute(merge.follow)
        jobs.register(step.IMPORT)
        exporting.register(exports.CUSTOMERS)
        queues.register("lookbacks", lookbacks.lag)
