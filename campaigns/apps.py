"""The campaigns app."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        # Connects the signal receivers and registers the system checks.
        from campaigns import checks, handlers, metrics  # noqa: F401
        from campaigns.domain import merging, replies
        from campaigns.domain.queries import lag, timeline
        from crm.domain.merging import relations
        from crm.domain.timeline import contribute
        from feedback.domain import posting
        from feedbackhub import metrics as hub_metrics
        from feedbackhub import queues

        relations.register(*merging.RELATIONS)
        relations.settle_by(merging.settle)
        contribute(timeline.requests)
        contribute(timeline.messages)
        contribute(timeline.replies)
        posting.register(replies)
        queues.register("messages", lag.sender_lag)
        hub_metrics.contribute(metrics.of_sending)
