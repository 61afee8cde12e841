"""Making the items that a rule would have made of the past: a job that goes through it day by day.

An item is made once, whoever makes it, so a step may be done again, and a day that has many takes several steps.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.domain import jobs
from accounts.domain.actors import Actor
from accounts.domain.jobs import Kind, Step
from accounts.domain.roles import May
from accounts.models import Job
from feedback.domain.queries import rules as queries
from feedback.domain.rules import dry_run, sittings, sorting
from feedback.domain.rules.sittings import Place
from feedback.models import TriageRule

KIND = "feedback.make_items"
# Items made in one step, which is to take a second or two.
AT_ONCE = 50
# Records, or reviews, that one step looks at.
PAGE = 500


def ask(*, rule: TriageRule, actor: Actor, days: int = dry_run.DAYS) -> Job:
    """A job that makes the items of the last days, today included. Raises LimitReached."""
    today = timezone.localdate(timezone=ZoneInfo(rule.account.time_zone))
    options = {"rule": rule.pk, "first": (today - timedelta(days=days)).isoformat(), "last": today.isoformat()}
    title = f"Items of {days} days by “{rule.name}”"
    return jobs.create(account=rule.account, kind=KIND, title=title, options=options, total=days + 1, actor=actor)


def step(job: Job) -> Step:
    """A page of one day, or what of it fits. Raises NotFound when the rule is gone."""
    rule = queries.rule_for(account=job.account, id=job.options["rule"])
    day = date.fromisoformat(job.place.get("day", job.options["first"]))
    zone = ZoneInfo(job.account.time_zone)
    found, ended = sittings.page(
        account=job.account,
        signal=rule.signal,
        since=datetime.combine(day, time(), zone),
        until=datetime.combine(day + timedelta(days=1), time(), zone),
        at_most=PAGE,
        after=_after(job),
    )
    left = dry_run.unmade(rule, found)
    actor = jobs.asker(job)
    made = [sorting.make(rule=rule, sitting=each, actor=actor) for each in left[:AT_ONCE]]
    place = job.place or {"day": day.isoformat()}
    if len(left) <= AT_ONCE:
        place = {"day": day.isoformat(), "after": [ended[0].isoformat(), ended[1]]} if ended else _next(day)
    return Step(
        place=place,
        rows=int(place["day"] != day.isoformat()),
        counts={"items made": sum(item is not None for item in made)},
        finished=place["day"] > job.options["last"],
    )


def _after(job: Job) -> Place | None:
    after = job.place.get("after")
    return (datetime.fromisoformat(after[0]), after[1]) if after else None


def _next(day: date) -> dict[str, Any]:
    return {"day": (day + timedelta(days=1)).isoformat()}


KIND_OF_JOB = Kind(KIND, may=May.MANAGE_RULES, step=step)
