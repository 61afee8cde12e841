"""What a review looks like in an exported file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.domain.exporting import Export
from accounts.models import Account
from reviews.models import Review

HEADINGS = (
    "Id", "Written", "Platform", "Location", "Stars of five", "Title", "Words", "Reviewer", "Address", "Platform's id",
)  # fmt: skip


def lines(account: Account, keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    rows = Review.objects.for_account(account).filter(pk__in=keys).order_by("pk")
    for one in rows.select_related("platform", "location"):
        yield (
            one.public_id, f"{one.reviewed_at:%Y-%m-%d %H:%M:%S}", one.platform, one.location, one.rating_of_five,
            one.title, one.description, one.reviewer_name, one.url, one.external_id,
        )  # fmt: skip


REVIEWS = Export("reviews.Review", HEADINGS, lines)
