"""Make an account and print its id alone, for scripts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.domain import accounts, actors
from accounts.domain.queries.lookup import account_by_id_or_name
from feedbackhub.errors import HubError


class Command(BaseCommand):
    help = "Make an account. Prints its id, nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--agency", action="store_true", help="It runs client accounts.")
        parser.add_argument("--parent", metavar="ID", help="The agency (id or name) whose client it is.")

    def handle(self, *args: Any, name: str, agency: bool, parent: str | None, **options: Any) -> None:
        try:
            account = accounts.create(
                name=name,
                is_agency=agency,
                parent=account_by_id_or_name(parent) if parent else None,
                actor=actors.SYSTEM,
            )
        except HubError as error:
            raise CommandError(error.message) from error
        self.stdout.write(account.public_id)
