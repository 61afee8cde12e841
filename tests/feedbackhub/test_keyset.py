"""Lists that go on behind the row last seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, ApiKey
from feedbackhub.keyset import behind

pytestmark = pytest.mark.django_db

ORDERS = [("-created_at", "-id"), ("created_at", "id"), ("-created_at", "id"), ("name", "created_at", "id")]


@pytest.fixture(autouse=True)
def _keys(account: Account) -> None:
    """Seven keys, some made in the same moment and some of one name."""
    start = datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    for number, (minutes, name) in enumerate(zip([0, 0, 1, 1, 1, 2, 3], "bbaacab", strict=True)):
        key = ApiKey.objects.create(account=account, name=name, scopes=["*"], secret_hash=bytes([number]) * 32)
        ApiKey.objects.filter(pk=key.pk).update(created_at=start + timedelta(minutes=minutes))


def walk(order: tuple[str, ...], limit: int) -> list[int]:
    """Every row's id, page by page."""
    seen: list[int] = []
    rows = ApiKey.objects.order_by(*order)
    while page := list(rows[:limit]):
        seen += [row.pk for row in page]
        last = [getattr(page[-1], column.removeprefix("-")) for column in order]
        rows = ApiKey.objects.order_by(*order).filter(behind(order, last))
        assert len(seen) <= 7, "the list does not end"
    return seen


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_pages_join_to_the_whole_list(order: tuple[str, ...], limit: int):
    assert walk(order, limit) == list(ApiKey.objects.order_by(*order).values_list("pk", flat=True))
