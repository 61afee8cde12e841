"""Brief lines for the person at the terminal; everything else is in the logs."""

from __future__ import annotations

import os


def say(text: str) -> None:
    """A terminal that was closed, or a pipe whose reader has gone, must not bring down the hub."""
    try:
        print(text, flush=True)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
