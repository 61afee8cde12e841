"""The campaigns app."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        # Connects the signal receivers and registers the system checks.
        from campaigns import checks, handlers  # noqa: F401
        from campaigns.domain.queries import timeline
        from crm.domain.timeline import contribute

        contribute(timeline.requests)
