"""Write docs/openapi/<contract>.json for every mounted contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedbackhub.api.contract import Contract
from feedbackhub.api.mounts import mounted
from feedbackhub.api.openapi import document

FOLDER = Path(settings.BASE_DIR) / "docs" / "openapi"


def emitted(contract: Contract) -> str:
    """The file's text: the same for the same views."""
    return json.dumps(document(contract), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class Command(BaseCommand):
    help = "Write docs/openapi/<contract>.json for every mounted contract, or only say which are stale (--check)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="contracts; all of them if none is named")
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for contract in mounted():
            if options["names"] and contract.name not in options["names"]:
                continue
            path, text = FOLDER / f"{contract.name}.json", emitted(contract)
            if path.exists() and path.read_text() == text:
                continue
            stale.append(path.name)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                self.stdout.write(f"wrote {path.relative_to(settings.BASE_DIR)}")
        if stale and options["check"]:
            raise CommandError(f"Stale: {', '.join(stale)}. Run manage.py emit_openapi and review the difference.")
