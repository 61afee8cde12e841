"""Rows as CSV or XLSX for people's spreadsheets. A cell that one could run is written as text (ASVS 1.2.10)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any

import xlsxwriter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Excel reads UTF-8 only when it is told so.
BOM = "\ufeff".encode()
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\0")
# Of a cell in Excel.
_LONGEST = 32_767
PIECE = 1024 * 1024


def plain(value: Any) -> str:
    """A value as a cell's text; one that begins like a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_RUNS) else text


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """As RFC 4180 has it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def csv_rows(pieces: Iterable[bytes]) -> Iterator[list[str]]:
    """What `csv_lines` wrote, read back; pieces end where rows do."""
    for piece in pieces:
        yield from csv.reader(io.StringIO(piece.decode("utf-8-sig"), newline=""))


def xlsx(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A workbook of texts, in pieces. Rows go to disk one by one: a big one is never in memory."""
    with TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as workbook:
            sheet = workbook.add_worksheet()
            bold = workbook.add_format({"bold": True})
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell[:_LONGEST], bold if number == 0 else None)
            sheet.freeze_panes(1, 0)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
