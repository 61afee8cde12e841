"""Brief lines for the person at the terminal; everything else is in the logs."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """A terminal that has gone away must not bring down the hub."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = sys.__stdout__


def complain(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return
