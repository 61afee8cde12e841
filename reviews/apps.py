"""The reviews app."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from crm.domain.timeline import contribute
        from reviews.domain.queries import timeline

        contribute(timeline.reviews)
