"""Rows of a CSV or XLSX file, one at a time, as texts."""

from __future__ import annotations

import codecs
import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from feedbackhub.errors import Invalid
from feedbackhub.tables import limits, sheets

CHUNK = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")
FIELD = "file"


@dataclass(frozen=True)
class Row:
    """`number` is the line in the sheet, counted from 1; the header is one of them."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """`rows` can be gone through once; it raises Invalid where the file goes beyond a limit or cannot be read."""

    told: str
    headers: list[str]
    rows: Iterator[Row]


def read(file: IO[bytes], *, size: int) -> Table:
    """By what the file is, not by what it is called. Invalid in words for people."""
    if size > limits.BYTES:
        raise Invalid(f"The file is larger than {limits.BYTES // limits.MEGABYTE} MB. Split it.", field=FIELD)
    start = file.read(4)
    file.seek(0)
    if start == b"PK\x03\x04":
        told, rows = "Excel workbook, first sheet", _xlsx(file, size)
    elif start == b"\xd0\xcf\x11\xe0":
        raise Invalid("This is an old Excel file. Save it as .xlsx or as CSV.", field=FIELD)
    else:
        told, rows = _csv(file)
    filled = _limited(rows)
    header = next(filled, None)
    if header is None:
        raise Invalid("The file is empty.", field=FIELD)
    return Table(told, header.cells, filled)


def _limited(rows: Iterator[list[str]]) -> Iterator[Row]:
    """Without empty rows; as wide as they are filled."""
    count = cells = 0
    for number, row in enumerate(rows, 1):
        while row and not row[-1].strip():
            row.pop()
        if not row:
            continue
        count, cells = count + 1, cells + len(row)
        if count > limits.ROWS + 1:
            raise Invalid(f"The file has more than {limits.ROWS:,} rows. Split it.", field=FIELD)
        if len(row) > limits.COLUMNS or cells > limits.CELLS:
            raise Invalid(f"Row {number} has more than {limits.COLUMNS} columns, or the file too many.", field=FIELD)
        if any(len(cell) > limits.CELL for cell in row):
            raise Invalid(f"A cell of row {number} has more than {limits.CELL:,} characters.", field=FIELD)
        yield Row(number, row)


# --- CSV ---


def _csv(file: IO[bytes]) -> tuple[str, Iterator[list[str]]]:
    encoding = _encoding(file)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    sample = text.read(CHUNK)
    if "\0" in sample:
        raise Invalid("This is neither a CSV nor an Excel file.", field=FIELD)
    text.seek(0)
    delimiter = _delimiter(sample)
    name = {"\t": "tab"}.get(delimiter, delimiter)
    return f"CSV, {encoding.removesuffix('-sig').upper()}, separated by {name}", _csv_rows(text, delimiter)


def _csv_rows(text: IO[str], delimiter: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(text, delimiter=delimiter):
            yield [cell.replace("\0", "") for cell in row]
    except csv.Error as error:
        raise Invalid(f"The file cannot be read as CSV: {error}.", field=FIELD) from None


def _encoding(file: IO[bytes]) -> str:
    """By its mark; else UTF-8 if all of it is; else what spreadsheets in the West write."""
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not _all_of_it_is(file, "utf-16"):
            raise Invalid("The file says that it is UTF-16, and is not. Save it as UTF-8.", field=FIELD)
        return "utf-16"
    if _all_of_it_is(file, "utf-8"):
        return "utf-8-sig"
    encoding = "latin-1" if _undefined_in_cp1252(file) else "cp1252"
    file.seek(0)
    return encoding


def _all_of_it_is(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _undefined_in_cp1252(file: IO[bytes]) -> bool:
    file.seek(0)
    return any(byte in chunk for chunk in iter(lambda: file.read(CHUNK), b"") for byte in b"\x81\x8d\x8f\x90\x9d")


def _delimiter(sample: str) -> str:
    """Which one cuts the first lines into the most columns, the same number in each."""
    lines = sample.splitlines(keepends=True)
    lines = lines[:-1] if len(sample) == CHUNK else lines

    def columns(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines[:20], delimiter=delimiter) if row]
        return (sum(width == widths[0] for width in widths) if widths and widths[0] > 1 else 0, max(widths, default=0))

    return max(DELIMITERS, key=columns)


# --- XLSX ---


def _xlsx(file: IO[bytes], size: int) -> Iterator[list[str]]:
    _unpack(file, size)
    return sheets.rows(file)


def _unpack(file: IO[bytes], size: int) -> None:
    """Refuse a bomb by unpacking it, a little at a time and to nowhere: what a zip says of itself may be a lie."""
    total = 0
    try:
        with zipfile.ZipFile(file) as parts:
            if len(parts.infolist()) > limits.PARTS:
                raise Invalid("The workbook has too many parts.", field=FIELD)
            for part in parts.infolist():
                with parts.open(part) as packed:
                    while chunk := packed.read(CHUNK):
                        total += len(chunk)
                        if total > limits.UNPACKED or (total > limits.RATIO_FROM and total > size * limits.RATIO):
                            raise Invalid("The workbook unpacks to far more than it is. Save it as CSV.", field=FIELD)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, RuntimeError, OSError, EOFError) as error:
        raise Invalid("This is no Excel workbook, or it is damaged.", field=FIELD) from error
    file.seek(0)
