"""Holding a paused campaign's messages, and letting them go again one after the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from accounts.models import Account
from campaigns.models import Campaign, Enrolment, Message

# What waited is released over at most this long, a second apart if that is enough.
LONGEST_RELEASE = timedelta(hours=1)
PAUSED = "The campaign is paused."

# The last moment moves along: a message that was held may still be as late as any other.
_MESSAGES = """
WITH waiting AS (
  SELECT m.id, row_number() OVER (ORDER BY m.next_try_at, m.id) - 1 AS place, count(*) OVER () AS number
  FROM campaigns_message m JOIN campaigns_step s ON s.id = m.campaign_step_id
  WHERE m.state = 'held' AND s.campaign_id = ANY(%(campaigns)s)
)
UPDATE campaigns_message m SET
  state = 'scheduled', reason = '', updated_at = statement_timestamp(),
  next_try_at = greatest(m.next_try_at, statement_timestamp() + waiting.place * {gap}),
  not_after = greatest(m.not_after, statement_timestamp() + waiting.place * {gap} + %(lateness)s)
FROM waiting WHERE m.id = waiting.id AND m.state = 'held'
"""

_ENROLMENTS = """
WITH waiting AS (
  SELECT id, row_number() OVER (ORDER BY next_at, id) - 1 AS place, count(*) OVER () AS number
  FROM campaigns_enrolment
  WHERE state = 'active' AND campaign_id = ANY(%(campaigns)s) AND next_at <= statement_timestamp()
)
UPDATE campaigns_enrolment e SET next_at = statement_timestamp() + waiting.place * {gap}
FROM waiting WHERE e.id = waiting.id AND e.state = 'active'
"""

_GAP = "least(interval '1 second', %(longest)s / waiting.number)"


def hold(*, campaign: Campaign) -> None:
    """What is scheduled waits until the campaign goes on. What a sender has in hand is stopped by its gates."""
    rows = Message.objects.filter(campaign_step__campaign=campaign, state=Message.State.SCHEDULED)
    rows.update(state=Message.State.HELD, reason=PAUSED, updated_at=Now())


def release(*, campaign: Campaign) -> None:
    """The campaign runs again: held messages and everybody whose step was missed, in the order of their times."""
    _release([campaign.pk])


def release_for_account(account: Account) -> None:
    """The account is active again, and so are its running campaigns."""
    running = Campaign.objects.for_account(account).filter(state=Campaign.State.RUNNING)
    _release(list(running.values_list("pk", flat=True)))


def release_strays() -> None:
    """Messages that a sender's gate held just when the campaign was resumed."""
    held = Message.objects.filter(
        state=Message.State.HELD, campaign_step__campaign__state=Campaign.State.RUNNING
    ).values_list("campaign_step__campaign", flat=True)
    if campaigns := sorted({id for id in held[:1000] if id}):
        _release(campaigns)


def look_again(*, campaign: Campaign) -> None:
    """Its steps changed: everybody under way is looked at anew."""
    Enrolment.objects.filter(campaign=campaign, state=Enrolment.State.ACTIVE).update(next_at=Now())


def _release(campaigns: list[int]) -> None:
    if not campaigns:
        return
    given: dict[str, Any] = {
        "campaigns": campaigns,
        "longest": LONGEST_RELEASE,
        "lateness": timedelta(hours=settings.MESSAGE_LATENESS_HOURS),
    }
    with connection.cursor() as cursor:
        for statement in (_MESSAGES, _ENROLMENTS):
            cursor.execute(statement.format(gap=_GAP), given)
