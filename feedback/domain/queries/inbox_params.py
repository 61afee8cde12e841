"""What the inbox can be asked: the parameters of its address, and the items they leave."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware

from accounts.models import User
from feedback.domain.queries import inbox, inbox_rows, inbox_search
from feedback.models import Band, FeedbackItem

NONE = "none"
LONGEST = 200
SORTS = ("newest", "oldest", "changed", "due")
# Milliseconds that the counts of all views may take together; a page does not wait longer for them.
COUNTING = 60

Rows = QuerySet[Any]
Params = Mapping[str, list[str]]


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and 1970 <= day.year <= 2080 else None


def _midnight(text: str, days: int = 0) -> datetime:
    return make_aware(datetime.combine(date.fromisoformat(text) + timedelta(days=days), time.min))


def _label(rows: Rows, value: str) -> Rows:
    return inbox_rows.with_label(items=rows, label=None if value == NONE else int(value))


def _assignee(rows: Rows, value: str) -> Rows:
    return rows.filter(assignee=None) if value == NONE else rows.filter(assignee__public_id=value)


def _score(rows: Rows, value: str) -> Rows:
    return rows.filter(score_band=None if value == NONE else Band[value.upper()])


def _number(value: str) -> bool:
    return value.isdecimal() and len(value) < 19


def _band(value: str) -> bool:
    return value.upper() in Band.names


# Of each parameter: what it may be, and what it leaves. None leaves all: it is a matter of the page, or of `narrowed`.
KNOWN: dict[str, tuple[Callable[[str], bool], Callable[[Rows, str], Rows] | None]] = {
    "tab": (lambda value: value in inbox.BY_KEY, None),
    "q": (lambda value: True, None),
    "sort": (lambda value: value in SORTS, None),
    "cols": (lambda value: value in inbox_rows.ALL_COLUMNS, None),
    "type__exact": (lambda value: value in FeedbackItem.Type.values, lambda rows, value: rows.filter(type=value)),
    "status__exact": (lambda value: value in FeedbackItem.Status.values, lambda rows, value: rows.filter(status=value)),
    "channel__exact": (
        lambda value: value in FeedbackItem.Channel.values,
        lambda rows, value: rows.filter(channel=value),
    ),
    "location__id__exact": (_number, lambda rows, value: rows.filter(location=int(value))),
    "area": (lambda value: True, lambda rows, value: rows.filter(area=value)),
    "assignee": (lambda value: value == NONE or value.isalnum(), _assignee),
    "label": (lambda value: value == NONE or _number(value), _label),
    "score": (lambda value: value == NONE or _band(value), _score),
    "mood": (_band, lambda rows, value: inbox_rows.of_mood(items=rows, band=Band[value.upper()])),
    "clock": (
        lambda value: value in ("overdue", "running"),
        lambda rows, value: inbox.pressing(items=rows, overdue=value == "overdue"),
    ),
    "created_at_from": (
        lambda value: _day(value) is not None,
        lambda rows, value: rows.filter(created_at__gte=_midnight(value)),
    ),
    "created_at_to": (
        lambda value: _day(value) is not None,
        lambda rows, value: rows.filter(created_at__lt=_midnight(value, 1)),
    ),
}


def parse(query: str) -> tuple[dict[str, list[str]], list[str]]:
    """The parameters that the inbox knows and can read, and the names of the others."""
    known: dict[str, list[str]] = {}
    odd: list[str] = []
    for name, values in parse_qs(query, keep_blank_values=False, max_num_fields=100).items():
        check = KNOWN[name][0] if name in KNOWN else None
        good = [value for value in values if check and len(value) <= LONGEST and "\0" not in value and check(value)]
        if len(good) < len(values):
            odd.append(name)
        if good:
            known[name] = good
    return known, odd


def written(params: Params) -> str:
    return urlencode(sorted(params.items()), doseq=True)


def narrowed(*, items: Rows, params: Params, reader: User, people_of: Collection[int] | None) -> Rows:
    """The items that the inbox shows when it is asked this."""
    if "status__exact" not in params:
        tab = inbox.BY_KEY[params["tab"][-1]] if "tab" in params else inbox.TABS[0]
        items = inbox.under(tab=tab, items=items, reader=reader)
    for name, values in params.items():
        narrow = KNOWN[name][1]
        if narrow is not None:
            items = narrow(items, values[-1])
    if "q" in params:
        items = inbox_search.search(items=items, text=params["q"][-1], people_of=people_of)
    return items


told = inbox.told


def counts(*, views: Mapping[int, Rows]) -> dict[int, int]:
    """How many items each of several lists holds, capped as tabs are; nothing where that takes too long."""
    if not views:
        return {}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone() or ("0",)
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(COUNTING)])
            found = inbox.counted({str(key): rows for key, rows in views.items()})
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # cancelled
            raise
        return {}
    return {int(key): number for key, number in found.items()}
