"""The reviews app."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from accounts.domain import exporting
        from crm.domain.timeline import contribute
        from feedback.domain.rules import sittings
        from reviews.domain import exports, sorting
        from reviews.domain.queries import timeline

        sittings.register(sittings.Signal.REVIEW, sorting.SOURCE)
        contribute(timeline.reviews)
        exporting.register(exports.REVIEWS)
