"""`manage.py list_templates --account <id|name>`: id, type and name of every template, one a line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from campaigns.domain.queries.requests import templates_of


class Command(BaseCommand):
    help = "Prints id, type and name of an account's message templates, separated by tabs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", required=True, help="The account's id or its exact name.")

    def handle(self, *args: Any, **options: Any) -> None:
        for template in templates_of(_account(options["account"])):
            self.stdout.write(f"{template.public_id}\t{template.channel}\t{template.name}")


def _account(named: str) -> Account:
    alive = Account.objects.alive()
    found = list(alive.filter(public_id=named)) or list(alive.filter(name=named).order_by("pk")[:2])
    if not found:
        raise CommandError(f"There is no account with the id or name {named!r}.")
    if len(found) > 1:
        raise CommandError(f"Several accounts are named {named!r}. Give the id.")
    return found[0]
