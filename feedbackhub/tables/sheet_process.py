"""Run by itself as a process, by sheets.py: the first sheet of the workbook on stdin, a row of texts as JSON a line.

A workbook of a kilobyte can say that it has a cell in the last corner, or a billion texts; the reader, which is no
Python, asks for the memory and ends the process that it is in when it does not get it. This one may end.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineWorkbook

TOO_LARGE = 3


def main(memory: int, seconds: int, wide: int, high: int, longest: int) -> int:
    """Limits of the process; of the sheet; and of a cell, which is cut after one more than `longest`."""
    for limit, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    sheet = CalamineWorkbook.from_filelike(sys.stdin.buffer).get_sheet_by_index(0)
    if sheet.total_width > wide or sheet.total_height > high:
        return TOO_LARGE
    for row in sheet.iter_rows():
        sys.stdout.write(json.dumps([text(cell)[: longest + 1] for cell in row]) + "\n")
    return 0


def text(value: Any) -> str:
    """As people see it in the sheet: 43660123 rather than 43660123.0."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value).replace("\0", "")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
