"""What a rule would have made of the past: nothing is stored. The same code decides as when an answer comes in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import QueryCanceled

from accounts.models import Account
from feedback.domain.queries import rules as queries
from feedback.domain.rules import matching, sittings
from feedback.domain.rules.sittings import Sitting
from feedback.models import FeedbackItem, TriageRule

DAYS = 30
# Newest records that are looked at, and how long PostgreSQL may take to find them.
MOST = 20_000
TIMEOUT = "3s"
EXAMPLES = 5


@dataclass(frozen=True)
class DryRun:
    """Of `looked_at` sittings the rule holds of `matched`: `before` go to a rule above it, `items` are items already,
    the rest, `made`, it would have made. `since` is later than asked for if there was too much to look at."""

    since: datetime
    whole: bool
    looked_at: int
    matched: int
    before: int
    items: int
    made: int
    by_day: list[tuple[date, int]] = field(default_factory=list)
    examples: list[Sitting] = field(default_factory=list)


def of(*, rule: TriageRule, days: int = DAYS) -> DryRun | None:
    """The rule, stored or not, over the last days; None if that took too long."""
    # Of this very moment as well.
    until = timezone.now() + timedelta(seconds=1)
    since = until - timedelta(days=days, seconds=1)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUT}'")
            found = sittings.within(account=rule.account, signal=rule.signal, since=since, until=until, at_most=MOST)
            known = _known(rule.account, [each for each in found if matching.holds(rule, each)])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return _judged(rule, found, known, since)


def _judged(rule: TriageRule, found: list[Sitting], known: set[object], since: datetime) -> DryRun:
    above = rules_above(rule)
    mine = [each for each in found if matching.holds(rule, each)]
    left = [each for each in mine if matching.first(above, each) is None]
    made = [each for each in left if each.origin not in known]
    whole = sum(max(1, len(each.records)) + each.more for each in found) < MOST
    start = since if whole else min(each.at for each in found if each.at)
    return DryRun(
        since=start,
        whole=whole,
        looked_at=len(found),
        matched=len(mine),
        before=len(mine) - len(left),
        items=len(left) - len(made),
        made=len(made),
        by_day=_by_day(rule.account, start, made),
        examples=sorted(made, key=lambda each: each.at or since, reverse=True)[:EXAMPLES],
    )


def rules_above(rule: TriageRule) -> list[TriageRule]:
    """The rules that are asked before it; for one that is not stored, which would come first, none."""
    if rule._state.adding:
        return []
    asked = queries.asked(account=rule.account, signal=rule.signal)
    return [each for each in asked if (each.position, each.pk or 0) < (rule.position, rule.pk) and each.pk != rule.pk]


def unmade(rule: TriageRule, found: list[Sitting]) -> list[Sitting]:
    """Those of the sittings that the rule would still make an item of."""
    above = rules_above(rule)
    mine = [each for each in found if matching.holds(rule, each) and matching.first(above, each) is None]
    known = _known(rule.account, mine)
    return [each for each in mine if each.origin not in known]


def _known(account: Account, found: list[Sitting]) -> set[object]:
    origins = [each.origin for each in found]
    rows = FeedbackItem.objects.for_account(account).filter(origin__in=origins)
    return set(rows.values_list("origin", flat=True))


def _by_day(account: Account, since: datetime, made: list[Sitting]) -> list[tuple[date, int]]:
    zone = ZoneInfo(account.time_zone)
    counted = Counter(each.at.astimezone(zone).date() for each in made if each.at)
    day, last = since.astimezone(zone).date(), timezone.now().astimezone(zone).date()
    return [(day + timedelta(days=n), counted[day + timedelta(days=n)]) for n in range((last - day).days + 1)]
