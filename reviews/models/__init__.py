"""Public reviews and where they are left."""

from __future__ import annotations

from reviews.models.platform import Platform, ReviewProfile
from reviews.models.review import Review

__all__ = ["Platform", "Review", "ReviewProfile"]
