"""What all scenes of the demo share: who acts, chance that repeats itself, and times gone by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pgtrigger
from django.db import models
from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account, User

DAYS = 180


@dataclass
class Stage:
    """One account of the demo, its staff, and a source of chance that gives the same data every time."""

    account: Account
    staff: list[User]
    actor: Actor
    chance: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - decides nothing that matters
    now: datetime = field(default_factory=timezone.now)

    def moment(self, *, days: int = DAYS, at_least: int = 0) -> datetime:
        """Some waking hour between `at_least` and `days` days ago, recent ones likelier."""
        ago = at_least + (days - at_least) * self.chance.random() ** 1.3
        day = self.now - timedelta(days=ago)
        return min(day.replace(hour=self.chance.randint(8, 20), minute=self.chance.randint(0, 59)), self.now)


def backdate(row: models.Model, **times: Any) -> None:
    """Move a row's own times into the past, past auto_now and past the audit: time travel is nobody's act."""
    with pgtrigger.ignore(*_triggers_of(type(row))):
        type(row)._base_manager.filter(pk=row.pk).update(**times)


@cache
def _triggers_of(model: type[models.Model]) -> list[str]:
    """Naming each to the database takes a while, and naming all triggers of all tables with every row takes seconds."""
    return [trigger.get_uri(each) for each, trigger in pgtrigger.registered() if each._meta.model is model]
