"""`python -m feedbackhub.local run|test …`: ./run and ./test end up here."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from feedbackhub.local import home, instance
from feedbackhub.local.errors import LocalError

HELP = Path(__file__).with_name("help.txt").read_text().rstrip()


def main(arguments: list[str]) -> int:
    """Returns the exit code. What needs a database driver is loaded only where it is used: `exec` should be quick."""
    command, *rest = arguments
    if command == "test":
        from feedbackhub.local import testing

        return testing.main(rest, os.environ)
    if rest[:1] == ["exec"]:
        instance.execute(home.locate(os.environ), rest[1:], os.environ)
    if unknown := [word for word in rest if word != "--no-demo"]:
        raise LocalError(f"./run does not know {' '.join(unknown)!r}.\n\n{HELP}")
    from feedbackhub.local import supervisor

    return supervisor.main(home.locate(os.environ), os.environ, demo="--no-demo" not in rest)


if __name__ == "__main__":
    # A log file or an old terminal may not know every character; that is no reason to fail.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = main(sys.argv[1:])
    except LocalError as problem:
        code = 2
        print(problem, file=sys.stderr)
    sys.exit(code)
