"""Providers for development: the terminal, and a file of one JSON object per line."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from campaigns.providers import base


class ConsoleProvider:
    name = "console"
    remembers: timedelta | None = None

    def send(self, envelope: base.Envelope) -> base.Outcome:
        if envelope.too_late():
            return base.not_sent("woke up too late")
        head = f"--- {envelope.channel} to {envelope.to}"
        subject = f"Subject: {envelope.subject}\n" if envelope.subject else ""
        sys.stdout.write(f"{head}\n{subject}{envelope.text}\n---\n")
        sys.stdout.flush()
        return base.accepted(envelope.idem_key)

    def close(self) -> None:
        """Holds nothing."""


class FileProvider:
    """One write per line, appended: several processes can share the file."""

    name = "file"
    remembers: timedelta | None = None

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, envelope: base.Envelope) -> base.Outcome:
        if envelope.too_late():
            return base.not_sent("woke up too late")
        line = json.dumps(_fields(envelope), ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            target = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            return base.not_sent(f"cannot open the file: {error}", provider_down=True)
        try:
            os.write(target, line.encode())
            os.fsync(target)
        except OSError as error:
            return base.unknown(f"cannot write the file: {error}")
        finally:
            os.close(target)
        return base.accepted(envelope.idem_key)

    def close(self) -> None:
        """Holds nothing."""


def _fields(envelope: base.Envelope) -> dict[str, str]:
    fields = {
        "id": envelope.idem_key,
        "channel": envelope.channel,
        "to": envelope.to,
        "subject": envelope.subject,
        "text": envelope.text,
        "html": envelope.html,
    }
    return {name: value for name, value in fields.items() if value}
