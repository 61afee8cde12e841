"""Segments by calendar month where the account lives."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from accounts.models import Account
from campaigns.domain.sender import quota
from campaigns.models import SmsQuota

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "month"),
    [("UTC", date(2026, 3, 1)), ("Europe/Vienna", date(2026, 4, 1)), ("America/Los_Angeles", date(2026, 3, 1))],
)
def test_the_month_is_the_accounts(account: Account, zone: str, month: date):
    account.time_zone = zone
    assert quota.charge(account=account, count=2, now=NOW) == month
    assert list(SmsQuota.objects.values_list("month", "segments_used")) == [(month, 2)]


@pytest.mark.parametrize(
    ("allowance", "counts", "used"),
    [
        (None, [5, 5], 10),
        (3, [2, 1, 1], 3),
        (3, [2, 2, 1], 3),
        (3, [4], None),
        (0, [1], None),
    ],
)
def test_a_charge_fits_or_is_refused_whole(
    account: Account, allowance: int | None, counts: list[int], used: int | None
):
    Account.objects.update(sms_allowance=allowance)
    for count in counts:
        quota.charge(account=account, count=count, now=NOW)
    row = SmsQuota.objects.first()
    assert (row.segments_used if row else None) == used


def test_another_month_starts_anew(account: Account):
    Account.objects.update(sms_allowance=1)
    assert quota.charge(account=account, count=1, now=NOW) is not None
    assert quota.charge(account=account, count=1, now=NOW) is None
    assert quota.charge(account=account, count=1, now=NOW.replace(month=4, day=1)) == date(2026, 4, 1)


def test_what_is_given_back_can_be_spent_again_and_never_goes_below_nothing(account: Account):
    Account.objects.update(sms_allowance=1)
    month = quota.charge(account=account, count=1, now=NOW)
    assert month is not None
    for _ in range(2):
        quota.give_back(account_id=account.pk, count=1, month=month)
    assert SmsQuota.objects.get().segments_used == 0
    assert quota.charge(account=account, count=1, now=NOW) == month
