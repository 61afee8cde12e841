"""The queue of sittings that no rule has looked at yet: rows that the records' trigger left.

A step takes a few rows, the same share for every account. Each sitting is a transaction of its own: it makes the item
and deletes the rows, and holds no lock for longer. A worker that dies has done nothing of it; a sitting that cannot be
sorted, or whose record is erased in that moment, holds up no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from feedback.domain.rules.sittings import SIGNAL_OF, Key, Sitting
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


def step() -> int:
    """A batch of rows, fair across accounts; how many of them nobody else had in hand."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"batch": BATCH})
        ids = [id for (id,) in cursor.fetchall()]
    if not ids:
        return 0
    rows = list(UnsortedAnswer.objects.filter(pk__in=ids).select_related("account").order_by("account_id", "pk"))
    return sum(_sort(account, list(mine)) for account, mine in groupby(rows, key=lambda row: row.account))


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


def _sort(account: Account, rows: list[UnsortedAnswer]) -> int:
    """Sort the sittings that the rows name; how many rows were looked at."""
    rules: dict[str, list[TriageRule]] = {}
    waiting: dict[Key, list[int]] = {}
    for row in rows:
        waiting.setdefault((row.contract, row.tenant_id, row.submission_id), []).append(row.pk)
    found = {sitting.key: sitting for sitting in sittings.of_keys(account=account, keys=waiting)}
    for sitting in found.values():
        if sitting.signal not in rules:
            rules[sitting.signal] = queries.asked(account=account, signal=sitting.signal)
    looked_at = 0
    for key, ids in waiting.items():
        sitting_of_key = found.get(key)
        asked = rules[sitting_of_key.signal] if sitting_of_key else []
        looked_at += _settle(sitting_of_key, asked, ids)
    return looked_at


def _settle(sitting: Sitting | None, rules: Sequence[TriageRule], ids: list[int]) -> int:
    """One sitting with its rows, or rows whose records are gone; how many rows nobody else had in hand."""
    taken: list[int] = []
    try:
        with transaction.atomic():
            mine = UnsortedAnswer.objects.filter(pk__in=ids)
            taken = list(mine.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
            if taken and sitting is not None:
                sorting.by_rules(rules=rules, sitting=sitting, actor=actors.SYSTEM)
            UnsortedAnswer.objects.filter(pk__in=taken).delete()
    except Exception:
        log.exception("sorting_failed", submission=sitting.submission_id if sitting else None)
        _put_off(taken)
    return len(taken)


def _put_off(ids: Iterable[int]) -> None:
    for row in UnsortedAnswer.objects.filter(pk__in=ids):
        pause = min(LONGEST_PAUSE, PAUSE * 2 ** min(row.tries, 10))
        UnsortedAnswer.objects.filter(pk=row.pk).update(tries=F("tries") + 1, due_at=timezone.now() + pause)
