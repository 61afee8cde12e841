"""Many JSON values in one body, an array or a line each (NDJSON): each is read as strictly as a body of its own, and a
bad one spoils no other."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from feedbackhub.api import parsers
from feedbackhub.api.errors import ApiError, Kind, malformed
from feedbackhub.api.own.shapes import shaped

T = TypeVar("T")

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
# Of the whole body: sixteen megabytes of `[],` would be five million lists to build.
MOST_CONTAINERS = 1_000_000
# So many marks are looked at to find the items of an array that is no JSON as a whole.
MOST_MARKS = 1_000_000
_MARKS = re.compile(rb'"(?:[^"\\]+|\\.)*"?|[\[\]{},]', re.DOTALL)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_anything = msgspec.json.Decoder()


def split(raw: bytes, *, lines: bool, most: int) -> list[bytes]:
    """The items' bytes. ApiError for a body that has none or too many, or is no array."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raise malformed("The body starts with a byte order mark. Send UTF-8 without one.")
    items = _of_lines(raw) if lines else _of_array(raw)
    if not items:
        raise malformed("The batch holds no items.")
    if len(items) > most:
        raise ApiError(Kind.TOO_LARGE, f"The batch holds more than {most} items.", details={"max_items": most})
    # By item: a lost quotation mark in one hides nothing in another.
    if _opened(raw) > MOST_CONTAINERS < sum(parsers.brackets_of(item).count(b"[") for item in items):
        raise malformed(f"The batch holds more than {MOST_CONTAINERS} arrays and objects.")
    return items


def _opened(raw: bytes) -> int:
    """At most so many arrays and objects: brackets in texts count too."""
    return raw.count(b"[") + raw.count(b"{")


def _of_lines(raw: bytes) -> list[bytes]:
    stripped = (line.strip(b" \t\r") for line in raw.split(b"\n"))
    return [line for line in stripped if line]


def _of_array(raw: bytes) -> list[bytes]:
    try:
        return [bytes(item) for item in _array.decode(raw)]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # One bad item, a NaN say, and the whole is no JSON: find out where each begins and ends.
        return _cut(raw)


def _cut(raw: bytes) -> list[bytes]:
    """The items by the commas of the outermost array, whatever is in between."""
    text = raw.strip(b" \t\r\n")
    items, depth, start = [], 0, 1
    for number, mark in enumerate(_MARKS.finditer(text)):
        found = mark[0]
        if number > MOST_MARKS:
            break
        if found in b"[{":
            depth += 1
        elif found in b"]}":
            depth -= 1
        if (depth == 1 and found == b",") or depth == 0:
            items.append(text[start : mark.start()].strip(b" \t\r\n"))
            start = mark.end()
        if depth == 0:
            break
    if not text.startswith(b"[") or not text.endswith(b"]") or depth != 0 or start != len(text):
        raise malformed("The body must be a JSON array of objects, or an object a line as application/x-ndjson.")
    return [] if items == [b""] else items


def read(raw: bytes, shape: type[T]) -> T:
    """One item. ApiError MALFORMED or Invalid, as for a body of its own."""
    # Without these two each quotation mark begins or ends a text, and no text is what cannot be stored.
    if b'\\"' not in raw and b"\\u" not in raw and _opened(raw) <= parsers.MAX_CONTAINERS:
        try:
            value = _anything.decode(raw)
            if _texts(value) * 2 == raw.count(b'"'):
                return msgspec.convert(value, shape)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError):
            pass
    # Slower by a factor of five, and it says what is wrong.
    return shaped(parsers.loads(raw), shape)


def _texts(value: Any, depth: int = 0) -> int:
    """How many texts there are, names of members too; fewer than in the source if a member occurred twice.

    OverflowError for what `parsers.loads` would not take.
    """
    if depth > parsers.MAX_DEPTH:
        raise OverflowError
    count = 0
    inner = value
    if isinstance(value, dict):
        count = len(value)
        inner = value.values()
    elif not isinstance(value, list):
        inner = (value,)
    for each in inner:
        kind = type(each)
        if kind is str:
            count += 1
        elif kind is dict or kind is list:
            count += _texts(each, depth + 1)
        elif kind is int and abs(each) >= 10**parsers.MAX_INTEGER_DIGITS:
            raise OverflowError
    return count
