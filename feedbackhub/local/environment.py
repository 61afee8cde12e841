"""The variables that the hub's own processes get."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Belongs to the terminal or the caller, not to the instance: `./run exec` keeps the caller's own.
CALLERS_OWN = frozenset(
    re.findall(
        r"\S+",
        "PATH HOME USER LOGNAME SHELL LANG TMPDIR PWD OLDPWD SHLVL _ TERM COLORTERM COLUMNS LINES DISPLAY "
        "PYTHONUNBUFFERED SSH_AUTH_SOCK SSH_CONNECTION SSH_TTY XDG_SESSION_ID",
    )
)


def basis(env: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, with the project's Python and packages found first, from anywhere."""
    programs = str(Path(sys.executable).parent)
    paths = [part for part in env.get("PATH", SYSTEM_PATH).split(os.pathsep) if part and part != programs]
    # Kept bytecode makes every process of the hub start about a second sooner.
    rest = {name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **rest,
        "PATH": os.pathsep.join([programs, *paths]),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "feedbackhub.settings",
    }


def for_server(env: Mapping[str, str]) -> dict[str, str]:
    """What PostgreSQL and Valkey get: no secret, and none of the PG* variables that would change a server."""
    return {"PATH": env.get("PATH", SYSTEM_PATH), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def random_secrets() -> dict[str, str]:
    """New values of the secrets that the settings ask for."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def present(env: Mapping[str, str], name: str) -> bool:
    """Set and not blank; a blank variable counts as unset, as in the settings."""
    return bool(env.get(name, "").strip())
