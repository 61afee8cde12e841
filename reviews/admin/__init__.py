"""Reviews and where they are left, in the console."""

from __future__ import annotations

from reviews.admin import platforms, reviews

__all__ = ["platforms", "reviews"]
