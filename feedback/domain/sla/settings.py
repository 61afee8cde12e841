"""An account's working hours and service targets: read, written, checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from feedback.domain.sla.business import Span, Week
from feedback.models import ServiceHours, ServiceTarget
from feedbackhub.errors import FieldProblem, Invalid
from feedbackhub.wall import calendar_of, has_calendar

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A year of hours.
MOST_MINUTES = 366 * 24 * 60


def targets_of(account: Account) -> QuerySet[ServiceTarget]:
    return ServiceTarget.objects.for_account(account).order_by("name", "pk")


def usual(account: Account) -> ServiceTarget | None:
    """The target of items that no rule gives one."""
    return ServiceTarget.objects.for_account(account).filter(usual=True).first()


def week_of(account: Account) -> Week | None:
    """When the account works; None: around the clock."""
    hours = ServiceHours.objects.for_account(account).first()
    if hours is None:
        return None
    try:
        off = calendar_of(hours.holidays) if hours.holidays else frozenset()
    except NotImplementedError:
        # Known when it was saved; a newer list of calendars may have dropped it, which must hold up no item.
        off = frozenset()
    return Week(ZoneInfo(account.time_zone), [span_of(day) for day in hours.days], off)


def save_hours(*, account: Account, days: Sequence[Span], holidays: str, actor: Actor) -> ServiceHours:
    """Hours of Monday to Sunday; they count for items that come in from now on. Raises Invalid."""
    holidays = holidays.strip().upper()
    problems = [
        FieldProblem(f"day{number}", "The day must end after it starts.")
        for number, span in enumerate(days)
        if span is not None and span[0] >= span[1]
    ]
    if not any(days):
        problems.append(FieldProblem("day0", "Some day must have hours, or no clock would ever run out."))
    if holidays and (len(holidays) > 10 or not has_calendar(holidays)):
        problems.append(FieldProblem("holidays", "Use a country such as AT, or a part of one such as US-CA."))
    if problems:
        raise Invalid.many(problems)
    written: list[Any] = [span and [f"{span[0]:%H:%M}", f"{span[1]:%H:%M}"] for span in days]
    with acting(actor):
        return ServiceHours.objects.update_or_create(account=account, defaults={"days": written, "holidays": holidays})[
            0
        ]


def save_target(*, target: ServiceTarget, actor: Actor) -> ServiceTarget:
    """Store a new or changed target; the usual one takes that from the one before. Raises Invalid."""
    target.name = target.name.strip()
    problems: list[FieldProblem] = []
    try:
        target.clean_fields(exclude={"account"})
    except ValidationError as error:
        problems = [FieldProblem(name, " ".join(said)) for name, said in error.message_dict.items()]
    for name in ("first_minutes", "resolve_minutes"):
        minutes = getattr(target, name)
        if minutes is not None and not 0 < minutes <= MOST_MINUTES:
            problems.append(FieldProblem(name, "Between a minute and a year."))
    if target.first_minutes is None and target.resolve_minutes is None:
        problems.append(FieldProblem("first_minutes", "Set one of the two times."))
    if problems:
        raise Invalid.many(problems)
    with acting(actor), transaction.atomic():
        # Two who make theirs the usual one at the same time wait here.
        Account.objects.select_for_update().get(pk=target.account_id)
        if target.usual:
            for other in targets_of(target.account).filter(usual=True).exclude(pk=target.pk):
                other.usual = False
                other.save(update_fields=["usual"])
        target.save()
    return target


def delete_target(*, target: ServiceTarget, actor: Actor) -> None:
    """Items keep the moments that they were promised."""
    with acting(actor):
        target.delete()


def span_of(day: Any) -> Span:
    return (time.fromisoformat(day[0]), time.fromisoformat(day[1])) if day else None
