"""Whose name the audit writes down."""

from __future__ import annotations

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.queries import history
from crm.models import Location

KEY = Actor("key", "k", "Importer")


def test_an_actor_within_another_acts_for_their_own_writes_only(account):
    with actors.acting(KEY):
        first = Location.objects.create(account=account, name="first", country_code="US")
        with actors.acting(actors.SYSTEM, why="By a rule."):
            second = Location.objects.create(account=account, name="second", country_code="US")
        third = Location.objects.create(account=account, name="third", country_code="US")
    told = [history.of_row(row=row)[0] for row in (first, second, third)]
    assert [(change.who, change.why) for change in told] == [
        ("Importer", ""),
        ("FeedbackHub", "By a rule."),
        ("Importer", ""),
    ]
