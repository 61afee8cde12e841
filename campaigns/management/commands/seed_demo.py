"""`manage.py seed_demo`: fill an empty hub with the demo; harmless when it is there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns import demo


class Command(BaseCommand):
    help = "Loads the demo: an agency, two client accounts and half a year of feedback. Does nothing the second time."

    def handle(self, *args: Any, **options: Any) -> None:
        if demo.load():
            self.stdout.write("Demo data loaded.")
        else:
            self.stdout.write("The demo data is there already.")
