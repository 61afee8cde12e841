"""The feedback app."""

from __future__ import annotations

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = "Feedback"

    def ready(self) -> None:
        # Connects the signal receivers.
        from accounts.domain import exporting, jobs, mails
        from accounts.models import AccountMail
        from crm.domain import lookbacks
        from crm.domain.merging import relations
        from crm.domain.merging.relations import Relation
        from crm.domain.timeline import contribute
        from feedback import handlers  # noqa: F401
        from feedback.domain import digest, exports, linking, tenants
        from feedback.domain.queries import timeline, webhooks
        from feedback.domain.rules import making_now, queue
        from feedback.domain.semantic import upkeep
        from feedback.models import FeedbackItem, FeedbackRecord, Reply, Response, SourceRecord
        from feedbackhub import queues

        for export in exports.EXPORTS:
            exporting.register(export)
        relations.register(
            Relation(FeedbackRecord, "records"),
            Relation(Response, "answers"),
            Relation(FeedbackItem, "items"),
            Relation(SourceRecord, "source records"),
            Relation(Reply, "replies"),
        )
        lookbacks.contribute(linking.link_records)
        lookbacks.contribute(linking.link_items)
        for source in (timeline.answers, timeline.items, timeline.records, timeline.thumbs):
            contribute(source)
        mails.compose(AccountMail.Kind.DIGEST, digest.compose)
        jobs.register(making_now.KIND_OF_JOB)
        queues.register("webhooks", webhooks.lag)
        queues.register("sorting", queue.lag)
        queues.register("purges", tenants.purge_lag)
        queues.register("embeddings", upkeep.lag)
