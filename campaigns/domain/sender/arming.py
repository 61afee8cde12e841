"""The guard against restored and cloned databases.

A database restored from a backup has forgotten what was sent since; a clone is about to send what its original sends
as well. Both have everything that the sender trusts, so the place itself is compared.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import Message, ProviderCredentials, SenderArming
from campaigns.providers.base import Provider


@dataclass(frozen=True)
class Place:
    """`timeline` grows with every promotion and point-in-time recovery."""

    system_identifier: str
    timeline: int
    sender_id: str


def here() -> Place:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.system_identifier::text, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c"
        )
        system_identifier, timeline = cursor.fetchone()
    return Place(system_identifier, timeline, settings.SENDER_ID)


def is_armed() -> bool:
    """Whether this is the place that was armed. A hub that never was arms itself: it has nothing to repeat."""
    place = here()
    row = SenderArming.objects.first()
    if row is None:
        SenderArming.objects.bulk_create([SenderArming(**asdict(place))], ignore_conflicts=True)
        row = SenderArming.objects.get()
    return Place(row.system_identifier, row.timeline, row.sender_id) == place


def arm() -> Place:
    """From now on this is the place; an operator's decision."""
    place = here()
    SenderArming.objects.update_or_create(id=1, defaults={**asdict(place), "armed_at": Now()})
    return place


@transaction.atomic
def reconcile(*, since: datetime, providers: dict[str, Provider]) -> dict[str, int]:
    """After a restore to `since`: nothing that was due is sent by guess. Then arms. Counts by what was decided.

    What was due may have gone out after the backup was made. A provider that still remembers our keys will recognise
    it, so that stays; of the rest nothing can be said but that its fate is unknown.
    """
    found = {"sent again under its key": 0, "fate unknown": 0}
    reason = f"The database was restored as of {since.isoformat()}: this may have been sent since."
    for channel, provider in providers.items():
        due = Message.objects.filter(channel=channel, state=Message.State.SCHEDULED, next_try_at__lte=Now())
        if _still_known(provider, since):
            # By an account's own provider nothing is known.
            own = ProviderCredentials.objects.filter(channel=channel, active=True).values("account")
            found["sent again under its key"] += due.exclude(account__in=own).count()
            due = due.filter(account__in=own)
        found["fate unknown"] += due.update(state=Message.State.UNKNOWN_FINAL, reason=reason, updated_at=Now())
    arm()
    return found


def _still_known(provider: Provider, since: datetime) -> bool:
    age = timezone.now() - since
    return provider.remembers is not None and timedelta() <= age < provider.remembers / 2
