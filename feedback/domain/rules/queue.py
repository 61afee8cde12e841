"""The queue of sittings that no rule has looked at yet: rows that the records' trigger left.

A step is one transaction: it takes a few rows, the same share for every account, makes the items, and deletes the
rows. A worker that dies has done nothing of it. A sitting that cannot be sorted holds up no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from time import monotonic

import structlog
from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from accounts.domain import actors
from accounts.models import Account
from feedback.domain.queries import rules as queries
from feedback.domain.rules import sittings, sorting
from feedback.domain.rules.sittings import SIGNAL_OF, Sitting
from feedback.models import FeedbackRecord, TriageRule, UnsortedAnswer
from feedbackhub.queues import COUNTED, Lag

log = structlog.get_logger(__name__)

BATCH = 100
# After a failed look, doubled with each.
PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)

# Accounts are found by hops along the index, not by reading a backlog of one of them.
_DUE = """
WITH RECURSIVE hop AS (
  (SELECT u.account_id FROM feedback_unsortedanswer u ORDER BY u.account_id LIMIT 1)
  UNION ALL
  SELECT (SELECT u.account_id FROM feedback_unsortedanswer u WHERE u.account_id > hop.account_id
          ORDER BY u.account_id LIMIT 1) FROM hop WHERE hop.account_id IS NOT NULL
), turn AS MATERIALIZED (
  SELECT hop.account_id FROM hop JOIN accounts_account a ON a.id = hop.account_id AND a.deleted_at IS NULL
  WHERE EXISTS (SELECT 1 FROM feedback_unsortedanswer u
                WHERE u.account_id = hop.account_id AND u.due_at <= statement_timestamp())
  ORDER BY random() LIMIT %(batch)s
)
SELECT due.id FROM turn CROSS JOIN LATERAL (
  SELECT u.id FROM feedback_unsortedanswer u
  WHERE u.account_id = turn.account_id AND u.due_at <= statement_timestamp()
  ORDER BY u.due_at, u.id
  LIMIT (SELECT greatest(1, %(batch)s / count(*)) FROM turn)
  FOR UPDATE SKIP LOCKED
) due
"""


def run(*, seconds: float = 20.0) -> int:
    """Work off what is due; how many rows were looked at. Safe to run at once."""
    end, looked_at = monotonic() + seconds, 0
    while monotonic() < end:
        done = step()
        looked_at += done
        if not done:
            break
    return looked_at


@transaction.atomic
def step() -> int:
    """A batch of rows, fair across accounts; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"batch": BATCH})
        ids = [id for (id,) in cursor.fetchall()]
    if not ids:
        return 0
    rows = list(UnsortedAnswer.objects.filter(pk__in=ids).select_related("account").order_by("account_id", "pk"))
    failed: list[int] = []
    for account, mine in groupby(rows, key=lambda row: row.account):
        failed += _sort(account, list(mine))
    UnsortedAnswer.objects.filter(pk__in=set(ids) - set(failed)).delete()
    return len(ids)


def ask_again(*, record: FeedbackRecord) -> None:
    """A record changed so that rules may say otherwise now; nothing for an account without such rules."""
    asked = TriageRule.objects.filter(account=record.account_id, enabled=True, signal__in=["record", "thumb"]).filter(
        signal=SIGNAL_OF[record.contract]
    )
    if asked.exists():
        UnsortedAnswer.objects.create(
            account_id=record.account_id,
            contract=record.contract,
            tenant_id=record.tenant_id,
            submission_id=record.submission_id,
            due_at=timezone.now(),
        )


def lag() -> Lag:
    """How far sorting is behind."""
    now = timezone.now()
    due = UnsortedAnswer.objects.filter(due_at__lte=now, account__deleted_at=None)
    first = due.aggregate(first=Min("due_at"))["first"]
    return Lag(due[:COUNTED].count(), max(0.0, (now - first).total_seconds()) if first else 0.0)


def _sort(account: Account, rows: list[UnsortedAnswer]) -> list[int]:
    """Sort the sittings that the rows name; the rows of those that failed, put off."""
    rules: dict[str, list[TriageRule]] = {}
    failed: list[int] = []
    for sitting in sittings.of_keys(account=account, keys=((r.contract, r.tenant_id, r.submission_id) for r in rows)):
        if sitting.signal not in rules:
            rules[sitting.signal] = queries.asked(account=account, signal=sitting.signal)
        try:
            with transaction.atomic():
                sorting.by_rules(rules=rules[sitting.signal], sitting=sitting, actor=actors.SYSTEM)
        except Exception:
            log.exception("sorting_failed", account=account.pk, submission=sitting.submission_id)
            failed += _put_off(sitting, rows)
    return failed


def _put_off(sitting: Sitting, rows: Iterable[UnsortedAnswer]) -> list[int]:
    mine = [row for row in rows if (row.contract, row.tenant_id, row.submission_id) == sitting.key]
    for row in mine:
        pause = min(LONGEST_PAUSE, PAUSE * 2 ** min(row.tries, 10))
        UnsortedAnswer.objects.filter(pk=row.pk).update(tries=F("tries") + 1, due_at=timezone.now() + pause)
    return [row.pk for row in mine]
