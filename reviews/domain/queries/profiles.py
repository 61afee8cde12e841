"""Finding review profiles."""

from __future__ import annotations

from django.db.models import QuerySet

from crm.models import Location
from reviews.models import ReviewProfile


def profiles_of(location: Location) -> QuerySet[ReviewProfile]:
    """The location's pages with their platforms, in the order in which they were added."""
    return ReviewProfile.objects.filter(location=location).select_related("platform").order_by("pk")
