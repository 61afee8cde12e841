"""`./run exec`: a command with the running instance's environment."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from feedbackhub.local.environment import CALLERS_OWN, ROOT, basis
from feedbackhub.local.errors import LocalError
from feedbackhub.local.home import Home


def execute(home: Home, command: list[str], env: Mapping[str, str]) -> None:
    """Becomes the command; returns only by raising."""
    if not command:
        raise LocalError("Name a command: ./run exec manage.py list_templates --account 1")
    noted = home.noted_environment()
    if noted is None:
        raise LocalError(f"No hub is running on the data in {home.path}. Start it with ./run, then try again.")
    words = resolve(command, Path.cwd())
    full = basis({**env, **{name: value for name, value in noted.items() if name not in CALLERS_OWN}})
    program = shutil.which(words[0], path=full["PATH"])
    if program is None:
        raise LocalError(f"There is no command {words[0]!r}.")
    os.execve(program, words, full)


def resolve(command: list[str], directory: Path) -> list[str]:
    """`manage.py …` and `python manage.py …` work from any directory."""
    words = [*command]
    if words[0] in ("manage.py", "./manage.py"):
        words.insert(0, sys.executable)
    if len(words) > 1 and words[1] in ("manage.py", "./manage.py") and not (directory / "manage.py").exists():
        words[1] = str(ROOT / "manage.py")
    return words
