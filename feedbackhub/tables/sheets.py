"""The rows of a workbook, read by a process of its own: what a hostile one takes down is that."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from feedbackhub.errors import Invalid
from feedbackhub.tables import limits, sheet_process

_PROGRAM = [sys.executable, "-P", str(Path(sheet_process.__file__))]


def rows(file: IO[bytes]) -> Iterator[list[str]]:
    """Of the first sheet. Invalid, also after some rows, when it cannot be read or takes too much."""
    most = (limits.MEMORY, limits.SECONDS, limits.COLUMNS * 10, limits.ROWS * 2, limits.CELL)
    with TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        command = [*_PROGRAM, *map(str, most)]
        with subprocess.Popen(  # noqa: S603 - our own program and numbers
            command, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                for line in process.stdout or ():
                    yield json.loads(line)
                ended = process.wait()
            finally:
                process.kill()
    if ended == sheet_process.TOO_LARGE:
        raise Invalid("The sheet is larger than any list of people. Delete what is empty.", field="file")
    if ended:
        raise Invalid("This is no Excel workbook, or it is damaged, or far larger than it looks.", field="file")
