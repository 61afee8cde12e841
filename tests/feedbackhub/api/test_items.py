"""Many JSON values in one body."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Struct

from feedbackhub.api import items, parsers
from feedbackhub.api.errors import ApiError, Kind
from feedbackhub.errors import Invalid


class Item(Struct, forbid_unknown_fields=True):
    a: Any = None


def array(raw: bytes, most: int = 10) -> list[bytes]:
    return items.split(raw, lines=False, most=most)


def lines(raw: bytes, most: int = 10) -> list[bytes]:
    return items.split(raw, lines=True, most=most)


def test_an_array_is_its_items():
    assert array(b' [{"a": 1}, "],[", [{}], 5] \n') == [b'{"a": 1}', b'"],["', b"[{}]", b"5"]


def test_lines_are_items_and_blank_ones_are_none():
    assert lines(b'{"a": 1}\r\n\n  {"a": 2}\n') == [b'{"a": 1}', b'{"a": 2}']


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'[{"a": NaN}, {"a": 1}]', [b'{"a": NaN}', b'{"a": 1}']),
        (b'[{"a": }, "\\"],[", {"a": [1, 2]}]', [b'{"a": }', b'"\\"],["', b'{"a": [1, 2]}']),
        (b'[{"a": "\\ud800"}, 1,]', [b'{"a": "\\ud800"}', b"1", b""]),
        (b"[" + b"[" * 5000 + b"]" * 5000 + b",1]", [b"[" * 5000 + b"]" * 5000, b"1"]),
    ],
)
def test_an_item_that_is_no_json_spoils_no_other(raw: bytes, expected: list[bytes]):
    assert array(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{}", b"null", b'"x"', b"[", b"[]", b"[1", b"[1]]", b"[1] [2]", b'["x]', b"[1}", b"{} {}", b"NaN",
        b"\xef\xbb\xbf[1]", "[1]".encode("utf-16"), b"[" * 3_000_000, b"[" + b"1," * 3_000_000,
    ],
    ids=lambda raw: repr(raw[:12]),
)  # fmt: skip
def test_what_is_no_array_or_empty_is_refused(raw: bytes):
    with pytest.raises(ApiError) as caught:
        array(raw, most=10**7)
    assert caught.value.kind is Kind.MALFORMED


def test_no_lines_and_too_many_items_are_refused():
    with pytest.raises(ApiError, match="no items"):
        lines(b" \n\r\n")
    for found in (lambda: lines(b"1\n" * 11), lambda: array(b"[" + b"1," * 10 + b"1]")):
        with pytest.raises(ApiError) as caught:
            found()
        assert (caught.value.kind, caught.value.details) == (Kind.TOO_LARGE, {"max_items": 10})


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": "x", "b": "x"}}',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 12345678901234567890}',
        b'{"a": [-12345678901234567890]}',
        b'{"a": "\\u0000"}',
        b'{"a": {"\\u0000": 1}}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a": "\x00"}',
        b'{"b": 1}',
        b"[]",
        b"",
        b"{} {}",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_an_item_is_read_as_strictly_as_a_body(raw: bytes):
    with pytest.raises((ApiError, Invalid)):
        items.read(raw, Item)


@pytest.mark.parametrize(
    "value", ["", 'a "quoted" \\ text', "ü😀", 1.5, 10**19 - 1, -(10**19) + 1, {"b": ["x", {"c": None}]}, [], True]
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_whatever_a_body_may_hold_an_item_may_hold(value: Any, ascii_only: bool):
    raw = json.dumps({"a": value}, ensure_ascii=ascii_only).encode()

    assert items.read(raw, Item) == Item(value) == Item(**parsers.loads(raw))


def test_a_body_of_endless_lists_is_refused_before_any_is_built(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(items, "MOST_CONTAINERS", 5)
    for split, raw in ((array, b"[[[],[],[],[],[]]]"), (lines, b'"\n[[],[],[],[],[]]')):
        with pytest.raises(ApiError) as refused:
            split(raw)
        assert refused.value.kind is Kind.MALFORMED
    assert array(b'["[[[[[[{{{{{", []]') == [b'"[[[[[[{{{{{"', b"[]"]


def test_an_item_has_no_more_lists_than_a_body_of_its_own():
    raw = b'{"a": [' + b"[]," * parsers.MAX_CONTAINERS + b"[]]}"
    with pytest.raises(ApiError) as refused:
        items.read(raw, Item)
    assert refused.value.kind is Kind.MALFORMED
