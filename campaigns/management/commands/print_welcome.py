"""`manage.py print_welcome`: what ./run prints when the hub is up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.demo.welcome import welcome


class Command(BaseCommand):
    help = "Prints the console's address, sign-ins, API keys and a working call per contract."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(welcome())
