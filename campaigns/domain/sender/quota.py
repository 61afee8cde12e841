"""SMS segments per calendar month in the account's time zone, charged and given back in the attempt's transactions."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from accounts.models import Account
from campaigns.models import SmsQuota

RULE = "The month's SMS allowance covers it."

# One statement decides and charges: no two senders can both take the last segment.
_CHARGE = """
INSERT INTO campaigns_smsquota AS q (account_id, month, segments_used)
SELECT a.id, %(month)s, %(count)s FROM accounts_account a
WHERE a.id = %(account)s AND (a.sms_allowance IS NULL OR %(count)s <= a.sms_allowance)
ON CONFLICT (account_id, month) DO UPDATE SET segments_used = q.segments_used + excluded.segments_used
WHERE (SELECT a.sms_allowance IS NULL OR q.segments_used + excluded.segments_used <= a.sms_allowance
       FROM accounts_account a WHERE a.id = excluded.account_id)
RETURNING month
"""


def month_of(account: Account, now: datetime) -> date:
    """First day of the current month where the account lives."""
    return now.astimezone(ZoneInfo(account.time_zone)).date().replace(day=1)


def charge(*, account: Account, count: int, now: datetime) -> date | None:
    """The month charged, or None when the allowance does not cover `count` more."""
    month = month_of(account, now)
    with connection.cursor() as cursor:
        cursor.execute(_CHARGE, {"account": account.pk, "month": month, "count": count})
        return month if cursor.fetchone() else None


def give_back(*, account_id: int, count: int, month: date) -> None:
    rows = SmsQuota.objects.for_account(account_id).filter(month=month, segments_used__gte=count)
    rows.update(segments_used=F("segments_used") - count)
