"""List an account's message templates, one a line, for scripts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.domain.queries.lookup import account_by_id_or_name
from campaigns.domain.queries.requests import templates_of
from feedbackhub.errors import HubError


class Command(BaseCommand):
    help = "List an account's message templates: id, type and name, separated by tabs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="ID", help="Id or name of the account.")

    def handle(self, *args: Any, account: str, **options: Any) -> None:
        try:
            templates = templates_of(account_by_id_or_name(account))
        except HubError as error:
            raise CommandError(error.message) from error
        for template in templates:
            self.stdout.write(f"{template.public_id}\t{template.channel}\t{template.name}")
