"""Rules of the demo's accounts beside the one that each starts with, targets and a digest.

What came before the rules is there to try them on.
"""

from __future__ import annotations

from datetime import time, timedelta

from accounts.domain import digests
from campaigns.demo.stage import Stage, backdate
from feedback.domain.rules import editing
from feedback.domain.sla import clocks, settings
from feedback.models import FeedbackItem, ServiceTarget


def of_cafe(stage: Stage) -> None:
    week = [(time(8), time(18))] * 5 + [(time(9), time(13)), None]
    settings.save_hours(account=stage.account, days=week, holidays="US-OR", actor=stage.actor)
    usual = ServiceTarget(account=stage.account, name="Usual", first_minutes=480, resolve_minutes=2400, usual=True)
    settings.save_target(target=usual, actor=stage.actor)
    _wind_up(stage)
    digests.choose(user=stage.staff[0], every="workday", time_zone=stage.account.time_zone)
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="Two stars or fewer in public",
        signal="review",
        compare="at_most",
        bound=2,
        item_type="complaint",
        area="Reviews",
        people=stage.staff[:1],
    )
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="Advertising is spam",
        signal="answer",
        words=["casino", "crypto", "http://"],
        item_type="other",
        status="spam",
    )


def _wind_up(stage: Stage) -> None:
    """Give the items of the last weeks the clocks that they would have had, stopped some hours after they came."""
    since = stage.now - timedelta(days=21)
    for item in FeedbackItem.objects.for_account(stage.account).filter(created_at__gte=since).order_by("pk"):
        times = clocks.begun(account=stage.account, target=None, now=item.created_at)
        after = timedelta(hours=stage.chance.choice((1, 3, 9, 40)))
        met = None if item.status == FeedbackItem.Status.NEW else min(item.created_at + after, stage.now)
        stopped = (item.closed_at, item.duplicate_of_id) != (None, None)
        due = clocks.next_due(times["first_due_at"], times["resolve_due_at"], met, stopped=stopped)
        backdate(item, **{**times, "first_met_at": met, "sla_due_at": due})


def of_software(stage: Stage) -> None:
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="Detractors who say why",
        signal="record",
        contract="hub",
        compare="at_most",
        bound=6,
        field_type="nps",
        has_words=True,
        item_type="complaint",
        area="Survey",
        people=stage.staff,
    )
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="A wrong AI reply",
        signal="thumb",
        compare="unhappy",
        has_words=True,
        item_type="confusing",
        area="AI replies",
    )
