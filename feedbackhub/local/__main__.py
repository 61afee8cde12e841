"""`python -m feedbackhub.local run|test …`: ./run and ./test end up here."""

from __future__ import annotations

import io
import os
import sys

from feedbackhub.local import home, instance
from feedbackhub.local.errors import LocalError

HELP = """\
./run                   starts the whole hub and prints addresses, sign-ins, keys and sample calls
./run --no-demo         the same, without demo data in an empty database
./run exec <command …>  runs a command with the running hub's environment, e.g. ./run exec manage.py shell
./run --help            prints this

Environment
  PORT                  where the hub listens on 127.0.0.1 (8000)
  FEEDBACKHUB_HOME      folder for the data (.data beside this script)
  DATABASE_URL, CELERY_BROKER_URL, CACHE_URL
                        use these servers; no service of our own is started for those that are set
  FEEDBACKHUB_PG_BIN    folder with PostgreSQL's programs, instead of the embedded ones
  EMAIL_PROVIDER_URL, SMS_PROVIDER_URL and every other setting of .env.example are passed on to the hub
Ctrl-C stops everything in order; a second one at once."""


def main(arguments: list[str]) -> int:
    """Returns the exit code. What needs a database driver is loaded only where it is used: `exec` should be quick."""
    command, *rest = arguments
    if command == "test":
        from feedbackhub.local import testing

        return testing.main(rest, os.environ)
    if rest[:1] == ["exec"]:
        instance.execute(home.locate(os.environ), rest[1:], os.environ)
    if rest in (["--help"], ["-h"], ["help"]):
        print(HELP)
        return 0
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
