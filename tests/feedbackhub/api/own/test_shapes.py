"""Complaints about bodies of the own API."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from feedbackhub.api.own.shapes import shaped
from feedbackhub.errors import FieldProblem, Invalid


class Inner(Struct, forbid_unknown_fields=True):
    words: list[Annotated[str, Meta(max_length=3)]]


class Outer(Struct, forbid_unknown_fields=True):
    name: str
    score: float | None = None
    inner: Inner | None = None


def test_a_body_becomes_its_shape():
    assert shaped({"name": "x", "inner": {"words": ["a"]}}, Outer) == Outer("x", None, Inner(["a"]))


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        ({}, "name", "is required"),
        ({"name": None}, "name", "expected string, got null"),
        ({"name": "x", "score": "5"}, "score", "expected number or null, got string"),
        ({"name": "x", "colour": 1}, "colour", "is not a known member"),
        ({"name": "x", "inner": {}}, "inner.words", "is required"),
        ({"name": "x", "inner": {"words": ["a", "long"]}}, "inner.words.1", "expected string of length <= 3"),
        ({"name": "x", "inner": {"words": [], "`$.": 1}}, "inner.`$.", "is not a known member"),
    ],
)
def test_the_member_at_fault_is_named(body: Any, name: str, reason: str):
    with pytest.raises(Invalid) as caught:
        shaped(body, Outer)

    assert caught.value.problems == [FieldProblem(name, reason)]


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_that_is_no_object_is_refused(body: Any):
    with pytest.raises(Invalid, match=r"^The body: expected object, got \w+\.$"):
        shaped(body, Outer)
