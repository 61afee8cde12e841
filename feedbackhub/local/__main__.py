"""`python -m feedbackhub.local run|test …`; ./run and ./test end up here."""

from __future__ import annotations

import os
import sys

from feedbackhub.local import testing
from feedbackhub.local.errors import LocalError


def main(arguments: list[str]) -> int:
    command, *rest = arguments
    if command == "test":
        return testing.main(rest, os.environ)
    raise LocalError(f"There is no command {command}.")


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except LocalError as problem:
        code = 1
        print(problem, file=sys.stderr)
    sys.exit(code)
