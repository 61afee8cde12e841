"""Ask about the sender, and let it send again after a restore."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from campaigns.domain.queries.lag import sender_lag
from campaigns.domain.sender import arming, run


class Command(BaseCommand):
    help = (
        "status: whether the sender is armed, and how far it is behind. reconcile --since TIME: after a restore to "
        "TIME, settle what may have been sent since, and arm. arm: arm without settling anything, for a move or a "
        "promotion that lost nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["status", "arm", "reconcile"])
        parser.add_argument("--since", metavar="TIME", help="The restore point, such as 2026-03-01T12:00:00Z.")

    def handle(self, *args: Any, what: str, since: str | None, **options: Any) -> None:
        if what == "arm":
            arming.arm()
        elif what == "reconcile":
            found = arming.reconcile(since=_moment(since), providers=run.hub_providers())
            for decision, count in found.items():
                self.stdout.write(f"{decision}: {count}")
        armed, lag = arming.is_armed(), sender_lag()
        self.stdout.write(f"armed: {'yes' if armed else 'no'}")
        self.stdout.write(f"due: {lag.due}, oldest for {lag.oldest_seconds:.0f} s; fate unknown: {lag.unknown}")


def _moment(text: str | None) -> datetime:
    try:
        moment = parse_datetime(text or "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CommandError("Give the restore point with its zone: --since 2026-03-01T12:00:00Z")
    return moment
