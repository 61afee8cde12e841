"""Identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feedbackhub.ids import CODE_ALPHABET, CODE_LENGTH, first_uuid7_of, new_code, new_token, uuid7


def test_uuid7_is_a_version_7_and_grows_with_time():
    first = uuid7()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    ids = [uuid7() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)


def test_a_code_has_no_look_alikes_and_does_not_repeat():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert not set("0O1lI") & set(CODE_ALPHABET)


def test_a_token_has_at_least_128_bits():
    assert len(new_token()) == 24  # base64 of 18 bytes, 144 bits


def test_no_id_of_a_moment_or_later_sorts_before_its_first():
    before, after = uuid7(), datetime.now(UTC) + timedelta(milliseconds=2)
    assert first_uuid7_of(datetime.now(UTC) - timedelta(seconds=1)) < before < first_uuid7_of(after)
