"""Make an API key and print its secret alone, for scripts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.domain import actors, keys
from accounts.domain.queries.lookup import account_by_id_or_name
from feedbackhub.errors import HubError


class Command(BaseCommand):
    help = "Make an API key. Prints the key, nothing else; it is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="ID", help="Id or name of the account.")
        parser.add_argument("--agency", action="store_true", help="May manage the agency's client accounts.")
        parser.add_argument("--scopes", default="*", metavar="A,B", help="Such as hub:read,feedbackapi. Default: all.")
        parser.add_argument("--name", default="Command line")

    def handle(self, *args: Any, account: str, agency: bool, scopes: str, name: str, **options: Any) -> None:
        try:
            issued = keys.issue(
                account=account_by_id_or_name(account),
                name=name,
                scopes=[scope.strip() for scope in scopes.split(",") if scope.strip()],
                agency=agency,
                actor=actors.SYSTEM,
            )
        except HubError as error:
            raise CommandError(error.message) from error
        self.stdout.write(issued.secret)
