"""How alike two messages are."""

from __future__ import annotations

import time

import pytest

from feedback.domain.alike import Said, likeness, nearly, normalised, same_words

EXPORT = "The export hangs at 90 % when the range is longer than a year."


def text(one: str, other: str) -> float:
    return round(likeness(Said(one), Said(other)).text, 2)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (EXPORT, EXPORT, 1),
        (EXPORT, "the EXPORT hangs, at 90%  when the range is longer than a year", 1),
        (EXPORT, "Export hangs at 90% if range is longer than one year", 0.82),
        ("Please add a dark theme", "A dark theme, please.", 0.89),
        (EXPORT, "On my phone the send button hides behind the keyboard.", 0.31),
        ("👍👍", "👍 👍", 1),
        ("👍👍", "👎", 0),
        ("", "", 0),
        ("  ", "?!", 0),
    ],
)
def test_texts_are_as_alike_as_their_words(one, other, expected):
    assert (text(one, other), text(other, one)) == (expected, expected)


def test_reasons_are_told_in_words():
    one = Said("The export hangs", route="/reports", area="Reports", client_version="1.4")
    other = Said("export hangs again", route="/reports", area=" reports", client_version="1.4")
    assert likeness(one, other).reasons == (
        "69 % alike: “export hangs”",
        "same route /reports",
        "same area Reports and version 1.4",
    )


def test_the_place_brings_texts_nearer_and_never_makes_them_one():
    near, far = Said("The export hangs", route="/reports"), Said("export hangs again", route="/reports")
    elsewhere = Said("export hangs again", route="/billing")
    assert likeness(near, far).score > likeness(near, elsewhere).score == likeness(near, elsewhere).text
    assert likeness(Said("a b c d e f", route="/x"), Said("a b c d e g", route="/x")).score < 1


def test_the_front_page_and_no_place_are_no_reason():
    one = Said("The export hangs", route="/")
    assert likeness(one, Said("export hangs again", route="/")).reasons == ("69 % alike: “export hangs”",)
    assert likeness(Said("x"), Said("y")).reasons == ()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("  The  OVEN, is-cold! ", "the oven is cold"),
        ("\uff26\uff35\uff2c\uff2c", "full"),
        ("👍 👍", "👍👍"),
        ("?!", "?!"),
        (" ", ""),
    ],
)
def test_what_is_compared(message, expected):
    assert normalised(message) == expected


def test_another_number_is_another_thing():
    assert nearly(Said("Import stops at row 5000"), Said("import stop at row 5000")) > 0.95
    assert nearly(Said("Import stops at row 5000"), Said("Import stops at row 6000")) == 0


def test_long_texts_say_the_same_only_letter_by_letter():
    long = "word " * 1000
    assert same_words(long, long)
    assert not same_words(long, long.upper())
    assert text(long, long.upper()) == 0.99


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 100_000,
        "a b " * 25_000,
        "😀" * 100_000,
        "!" * 100_000,
        "ﷺ" * 100_000,
        "\u0301" * 100_000,
        "x" * 50_000 + " y",
    ],
    ids=["letters", "words", "emoji", "marks", "ligatures", "accents", "two"],
)
def test_hostile_texts_cost_next_to_nothing(hostile):
    # CPU time: a busy machine is no failure.
    before = time.process_time()
    likeness(Said(hostile), Said(hostile[1:] + "b"))
    assert time.process_time() - before < 0.05
