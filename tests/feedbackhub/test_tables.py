"""Files that people hand in: read as they are, within limits; and written so that no cell is a formula."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from feedbackhub.errors import Invalid
from feedbackhub.tables import limits, reading, sheet_process, writing


def read(data: bytes) -> tuple[str, list[str], list[list[str]]]:
    table = reading.read(io.BytesIO(data), size=len(data))
    return table.told, table.headers, [row.cells for row in table.rows]


def workbook(*rows: list, **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", **options}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"name,city\r\nM\xc3\xbcller,Wien\r\n", "CSV, UTF-8, separated by ,"),
        (b"\xef\xbb\xbfname;city\nM\xc3\xbcller;Wien", "CSV, UTF-8, separated by ;"),
        (b"name\tcity\nM\xfcller\tWien\n", "CSV, CP1252, separated by tab"),
        ("name|city\nMüller|Wien\n".encode("utf-16"), "CSV, UTF-16, separated by |"),
    ],
)
def test_csv_is_read_in_the_encoding_and_with_the_delimiter_it_has(data, told):
    assert read(data) == (told, ["name", "city"], [["Müller", "Wien"]])


def test_rows_keep_their_numbers_and_empty_ones_are_skipped():
    table = reading.read(io.BytesIO(b'a,b\n\n1,"x\ny"\n,,\n2,\n'), size=20)
    assert [(row.number, row.cells) for row in table.rows] == [(3, ["1", "x\ny"]), (5, ["2"])]


def test_a_workbook_is_read_as_people_see_it():
    data = workbook(["phone", "born", "ok", "share"], [436601234567, date(1990, 2, 3), True, 0.5])
    assert read(data) == (
        "Excel workbook, first sheet",
        ["phone", "born", "ok", "share"],
        [["436601234567", "1990-02-03", "yes", "0.5"]],
    )
    at = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - a sheet knows no zones
    assert sheet_process.text(at) == "2026-01-02T03:04:00"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"\n\n,,\n", "The file is empty."),
        (b"PK\x03\x04 and nonsense", "This is no Excel workbook, or it is damaged."),
        (b"\xd0\xcf\x11\xe0 old", "This is an old Excel file. Save it as .xlsx or as CSV."),
        (b"\x00\x01\x02\x03picture", "This is neither a CSV nor an Excel file."),
    ],
)
def test_what_is_no_table_is_refused_in_words(data, said):
    with pytest.raises(Invalid) as caught:
        read(data)
    assert caught.value.message == said


def test_a_zip_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("a.txt", "hello")
    with pytest.raises(Invalid, match="no Excel workbook"):
        read(out.getvalue())


@pytest.mark.parametrize("at", [60, 100, 200])
def test_a_workbook_that_was_damaged_on_its_way_is_refused(at):
    whole = workbook(["email"], *([f"{number}@example.com"] for number in range(300)))
    data = bytearray(whole)
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(Invalid, match="damaged"):
        read(bytes(data))


def test_a_part_that_is_damaged_lzma_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as parts:
        parts.writestr("xl/a", bytes(range(256)) * 40)
    data = bytearray(out.getvalue())
    data[38:60] = b"\xff" * 22
    with pytest.raises(Invalid, match="damaged"):
        read(bytes(data))


def test_a_bomb_is_not_unpacked(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * (limits.RATIO_FROM + 100_000))
    with pytest.raises(Invalid, match="unpacks to far more"):
        read(out.getvalue())
    monkeypatch.setattr(limits, "PARTS", 0)
    with pytest.raises(Invalid, match="too many parts"):
        read(workbook(["a"], ["1"]))


def sheet(cells: str, texts: str = "") -> bytes:
    """A workbook of two rows with other cells, and other shared texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["a"], ["1"]))) as good, zipfile.ZipFile(out, "w") as parts:
        for name in good.namelist():
            data = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = b"<worksheet><sheetData>" + cells.encode() + b"</sheetData></worksheet>"
            if name == "xl/sharedStrings.xml" and texts:
                data = texts.encode()
            parts.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        # Places for the 17 billion cells between the corners.
        (sheet('<row r="1"><c r="A1"><v>1</v></c></row><row><c r="XFD1048576"><v>1</v></c></row>'), "than it looks"),
        # As many texts as 64 bits can count.
        (sheet('<row><c t="s"><v>0</v></c></row>', '<sst uniqueCount="18446744073709551615"/>'), "than it looks"),
        (sheet('<row><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'), "larger than any list"),
    ],
)
def test_a_workbook_that_asks_for_all_memory_takes_nothing_down(data, said):
    with pytest.raises(Invalid, match=said):
        read(data)


def test_a_sheet_of_its_own_making_is_read():
    assert read(sheet('<row r="1"><c r="A1"><v>7</v></c></row><row><c><v>8</v></c></row>'))[1:] == (["7"], [["8"]])


@pytest.mark.parametrize("end", [b"\x41", b"\x00\xd8a\x00"])
def test_what_only_says_that_it_is_utf_16_is_refused(end):
    with pytest.raises(Invalid, match="says that it is UTF-16"):
        read(b"\xff\xfe" + ("email,name\n" * 10_000).encode("utf-16-le") + end)


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("ROWS", 1, "more than 1 rows"), ("COLUMNS", 1, "columns"), ("CELLS", 3, "columns"), ("CELL", 2, "characters")],
)
def test_limits_of_rows_columns_cells_and_texts(monkeypatch, limit, value, said):
    monkeypatch.setattr(limits, limit, value)
    with pytest.raises(Invalid, match=said):
        read(b"a,b\nccc,ddd\ne,f\n")


def test_a_file_that_is_too_large_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(limits, "BYTES", 3)
    with pytest.raises(Invalid, match="larger than"):
        read(b"a,b\n1,2\n")


@pytest.mark.parametrize("value", ["=1+1", "+43660", "-1", "@SUM(A1)", "\tx", "\rx", "\0x"])
def test_no_cell_is_a_formula(value):
    assert writing.plain(value) == f"'{value}"


def test_other_values_stand_as_they_are():
    assert [writing.plain(value) for value in (None, True, False, -3, 1.5, "a=b")] == [
        "",
        "yes",
        "no",
        "-3",
        "1.5",
        "a=b",
    ]


def test_csv_comes_back_as_it_was():
    rows = [["a", 'quo"te', "two\r\nlines"], ["b", "", ";,"]]
    pieces = [writing.BOM + writing.csv_lines(rows[:1]), writing.csv_lines(rows[1:])]
    assert list(writing.csv_rows(pieces)) == rows


def test_a_workbook_of_texts():
    data = b"".join(writing.xlsx([["a", "b"], ["=1", "https://example.com"]]))
    assert read(data)[1:] == (["a", "b"], [["=1", "https://example.com"]])
