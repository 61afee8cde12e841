"""Hostile bodies: a refusal with a reason, in linear time."""

from __future__ import annotations

import json
import sys
import time
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackhub.api import parsers
from feedbackhub.api.errors import ApiError, Kind

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
        (b" \r\n\t7 ", 7),
        (b'"\\u00e4\\ud83d\\ude00"', "ä😀"),
        ('"ä😀"'.encode(), "ä😀"),
        (b"9999999999999999999", 9999999999999999999),
        (b"-9999999999999999999", -9999999999999999999),
        (b"1e308", 1e308),
        (b'{"a": {"b": 1}, "c": {"b": 2}}', {"a": {"b": 1}, "c": {"b": 2}}),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        (b'"' + b"[" * 1000 + b'"', "[" * 1000),
        (b'"\\"' + b"{" * 1000 + b'\\\\"', '"' + "{" * 1000 + "\\"),
        (b"[" + b"[]," * 1000 + b"[]]", [[]] * 1001),
        (b"[" + b"[]," * 99_998 + b"[]]", [[]] * 99_999),
    ],
)
def test_json_as_meant_is_read(body: bytes, value: object):
    assert parsers.loads(body) == value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is empty. Send JSON."),
        (b" \n", "The body is empty. Send JSON."),
        (b"\xef\xbb\xbf{}", "The body starts with a byte order mark. Send UTF-8 without one."),
        (b'{"a": "\xff"}', "The body is not UTF-8 (byte 7)."),
        (b'"\xed\xa0\x80"', "The body is not UTF-8 (byte 1)."),
        ('{"a": 1}'.encode("utf-16"), "The body is not UTF-8 (byte 0)."),
        (b"{'a': 1}", "The body is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)."),
        (b"{} {}", "The body is not JSON: Extra data (line 1, column 4)."),
        (b'{"a": 1', "The body is not JSON: Expecting ',' delimiter (line 1, column 8)."),
        (b'"a\x00b"', "The body is not JSON: Invalid control character at (line 1, column 3)."),
        (b'{"a": 1, "a": 1}', 'The member "a" occurs twice in one object.'),
        (b'[{"a": {"b": 1, "b": 2}}]', 'The member "b" occurs twice in one object.'),
        (b'{"a": 1, "\\u0061": 1}', 'The member "a" occurs twice in one object.'),
        (b"NaN", "NaN is not JSON."),
        (b"[Infinity]", "Infinity is not JSON."),
        (b"[-Infinity]", "-Infinity is not JSON."),
        (b"[1e999]", "A number is too large or too long."),
        (b"[-1e999]", "A number is too large or too long."),
        (b"0." + b"1" * 1000, "A number is too large or too long."),
        (b"10000000000000000000", "An integer has more than 19 digits."),
        (b"-10000000000000000000", "An integer has more than 19 digits."),
        (b"1" * 100_000, "An integer has more than 19 digits."),
        (b"[" * 33 + b"]" * 33, "The body is nested more than 32 levels deep."),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "The body is nested more than 32 levels deep."),
        (b'[{"a":' * 17 + b"1" + b"}]" * 17, "The body is nested more than 32 levels deep."),
        (b"[" * 100_000, "The body is nested more than 32 levels deep."),
        (b"[" * 100_001, "The body holds more than 100000 arrays and objects."),
        (b"[" + b'{"a":[]},' * 50_000 + b"1]", "The body holds more than 100000 arrays and objects."),
    ],
)
def test_what_is_not_json_as_meant_is_malformed(body: bytes, message: str):
    with pytest.raises(ApiError) as refused:
        parsers.loads(body)

    assert refused.value.kind is Kind.MALFORMED
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b'{"a": "x\\u0000"}', "a", "a: must not contain NULL bytes"),
        (b'{"a": {"b": ["ok", "\\ud800"]}}', "a.b.1", "a.b.1: must not contain lone surrogates"),
        (b'{"a": "\\ude00\\ud83d"}', "a", "a: must not contain lone surrogates"),
        (b'["\\udfff"]', "0", "0: must not contain lone surrogates"),
        (b'{"a": {"\\u0000": 1}}', "a", "a: must not contain NULL bytes"),
    ],
)
def test_text_that_cannot_be_stored_is_invalid_and_named(body: bytes, field: str, message: str):
    with pytest.raises(ApiError) as refused:
        parsers.loads(body)

    assert refused.value.kind is Kind.INVALID
    assert refused.value.message == message
    assert [problem.name for problem in refused.value.problems] == [field]


def test_a_bad_key_at_the_top_has_no_name_to_give():
    with pytest.raises(ApiError) as refused:
        parsers.loads(b'{"\\ud800": 1}')

    assert refused.value.message == "The body must not contain lone surrogates."
    assert refused.value.problems == []


HOSTILE = {
    "open brackets": b"[" * (2 * MEBIBYTE),
    "closed brackets": b"]" * (2 * MEBIBYTE),
    "empty lists": b"[" + b"[]," * (2 * MEBIBYTE // 3) + b"[]]",
    "quotes": b'"' * (2 * MEBIBYTE),
    "an unfinished string of quotes": b'"' + b'\\"' * MEBIBYTE,
    "backslashes": b'["' + b"\\" * (2 * MEBIBYTE),
    "small integers": b"[" + b"1," * MEBIBYTE + b"1]",
    "one long integer": b"1" * (2 * MEBIBYTE),
    "one long fraction": b"0." + b"1" * (2 * MEBIBYTE),
    "escapes": b'"' + b"\\u0041" * (2 * MEBIBYTE // 6) + b'"',
    "members": b"{" + b",".join(b'"%d":0' % n for n in range(200_000)) + b"}",
    "escaped members": b"{" + b",".join(b'"\\u0061%d":0' % n for n in range(130_000)) + b"}",
    "blanks": b" " * (2 * MEBIBYTE),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_no_faster_than_the_body(body: bytes):
    # Lines of Python are counted, not seconds: a busy machine must not fail this, a quadratic loop must.
    lines = 0

    def count(_frame, event, _argument):
        nonlocal lines
        lines += event == "line"
        return count

    previous = sys.gettrace()
    sys.settrace(count)
    started = time.process_time()
    try:
        parsers.loads(body)
    except ApiError:
        pass
    finally:
        sys.settrace(previous)

    assert lines < 4 * len(body)
    # Quadratic work inside C would take minutes.
    assert time.process_time() - started < 20


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('abc[{"\\', max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(value=json_values, escaped=st.booleans())
def test_what_json_writes_is_read_back(value: object, escaped: bool):
    assert parsers.loads(json.dumps(value, ensure_ascii=escaped).encode()) == value


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


nested = st.recursive(st.just(1), lambda inner: st.lists(inner, max_size=2) | st.fixed_dictionaries({"[": inner}))


@given(value=nested, wraps=st.integers(0, 40))
def test_depth_is_counted_exactly(value: object, wraps: int):
    for _ in range(wraps):
        value = [value, '"]\\']

    body = json.dumps(value).encode()
    if depth(value) <= parsers.MAX_DEPTH:
        assert parsers.loads(body) == value
    else:
        with pytest.raises(ApiError):
            parsers.loads(body)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("APPLICATION/JSON; charset=utf-8", True),
        ("application/vnd.api+json", True),
        ("application/merge-patch+json", True),
        ("text/json", False),
        ("application/jsonp", False),
        ("application/xml", False),
        ("multipart/form-data; boundary=x", False),
        ("", False),
    ],
)
def test_json_types_are_recognised(content_type: str, expected: bool):
    assert parsers.is_json(content_type) is expected


def test_a_query_is_read_with_its_repeats():
    query = parsers.strict_query("a=1&a=2&b=%C3%A4+x&c")

    assert query.getlist("a") == ["1", "2"]
    assert query["b"] == "ä x"
    assert query["c"] == ""


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("a=1&name=x%00y", "name", "name: must not contain NULL bytes"),
        ("name=%ED%A0%80", "name", "name: must be UTF-8"),
        ("name=%FF", "name", "name: must be UTF-8"),
        ("name=\xff", "name", "name: must be UTF-8"),
    ],
)
def test_query_text_that_cannot_be_stored_is_named(query: str, field: str, message: str):
    with pytest.raises(ApiError) as refused:
        parsers.strict_query(query)

    assert refused.value.kind is Kind.INVALID
    assert refused.value.message == message
    assert [problem.name for problem in refused.value.problems] == [field]


@pytest.mark.parametrize(
    ("query", "message"),
    [("%FF=1", "The parameters are not UTF-8."), ("%00=1", "A parameter name must not contain NULL bytes.")],
)
def test_a_bad_parameter_name_is_refused(query: str, message: str):
    with pytest.raises(ApiError) as refused:
        parsers.strict_query(query)

    assert refused.value.kind is Kind.INVALID
    assert refused.value.message == message


def test_views_outside_of_the_contracts_parse_as_strictly():
    assert parsers.StrictJSONParser().parse(BytesIO(b'{"a": 1}')) == {"a": 1}
    with pytest.raises(ApiError):
        parsers.StrictJSONParser().parse(BytesIO(b"NaN"))
