"""How alike two messages are, in figures and in words. Pure: no rows, no queries.

Compared is what people wrote without case, marks and spaces, and no more of it than COMPARED characters: a text of any
length, or one made to be slow, costs next to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

COMPARED = 1000
# What is read of a message to get there: marks and spaces fall away.
READ = 2 * COMPARED
# What tells two texts apart rather than what every sentence has.
TELLING = 3
# A weight each: the letters in their order, and how many of the telling words are in both.
LETTERS, WORDS = 0.6, 0.4
SNIPPET = 40
# How an item ends that stands for an answer in which nothing was said: such are told apart by their people.
WORDLESS = ", without words"

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Said:
    """A message and where it was said, as far as another one can be like it in that."""

    message: str
    route: str | None = None
    area: str | None = None
    client_version: str | None = None

    @cached_property
    def text(self) -> str:
        if self.message.endswith(WORDLESS):
            return ""
        # One sign may stand for many: cut again once it is spelled out.
        return normalised(unicodedata.normalize("NFKC", self.message[:READ])[:READ])[:COMPARED]

    @cached_property
    def words(self) -> list[str]:
        return self.text.split()

    @cached_property
    def telling(self) -> frozenset[str]:
        return frozenset(word for word in self.words if len(word) >= TELLING)


@dataclass(frozen=True)
class Likeness:
    """`text` is of the words alone, `score` with what else is the same; both between 0 and 1."""

    text: float
    score: float
    reasons: tuple[str, ...]


def normalised(message: str) -> str:
    """The words alone, one space between them. What has no words, such as emoji, is told apart by its signs."""
    folded = unicodedata.normalize("NFKC", message).casefold()
    return " ".join(_WORD.findall(folded)) or "".join(folded.split())


def same_words(one: str, other: str) -> bool:
    """Whether two messages say the same, word for word, to their ends. Long ones must be equal, letter by letter."""
    if one == other:
        return True
    return max(len(one), len(other)) <= READ and normalised(one) == normalised(other)


def likeness(one: Said, other: Said) -> Likeness:
    """How alike they are, and why in words; a text without any sign is like none."""
    text = _text(one, other)
    reasons = []
    if text:
        shared = shared_words(one, other)
        told = f"{percent(text)} % alike"
        reasons.append(f"{told}: “{shared}”" if shared else told)
    more = 0.0
    if one.route and one.route != "/" and one.route == other.route:
        more += 0.08
        reasons.append(f"same route {one.route}")
    if one.area and _folded(one.area) == _folded(other.area):
        more += 0.04
        version = f" and version {one.client_version}" if _same_version(one, other) else ""
        reasons.append(f"same area {one.area}{version}")
    elif _same_version(one, other):
        reasons.append(f"same version {one.client_version}")
    if _same_version(one, other):
        more += 0.02
    # What is the same otherwise brings two texts nearer; it never makes them one.
    score = text if text == 1 else min(text + more * text, 0.99)
    return Likeness(text, score, tuple(reasons))


def nearly(one: Said, other: Said) -> float:
    """How alike they are letter by letter, 0 if a number differs: row 5000 is not row 6000."""
    if _NUMBER.findall(one.text) != _NUMBER.findall(other.text):
        return 0.0
    return fuzz.ratio(one.text, other.text) / 100


def percent(share: float) -> int:
    """100 is for the same words only."""
    return 100 if share == 1 else min(round(share * 100), 99)


def shared_words(one: Said, other: Said) -> str:
    """The longest run of words that both say, cut to a glance; nothing if it holds no telling word."""
    runs = (
        one.words[block.src_start : block.src_end]
        for block in Indel.opcodes(one.words, other.words)
        if block.tag == "equal"
    )
    found = max(runs, key=lambda run: sum(map(len, run)), default=[])
    if not any(len(word) >= TELLING for word in found):
        return ""
    text = " ".join(found)
    return text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + "…"


def _text(one: Said, other: Said) -> float:
    if not one.text or not other.text:
        return 0.0
    if one.text == other.text:
        # Beyond what is compared they may still differ.
        return 1.0 if same_words(one.message, other.message) else 0.99
    letters = max(fuzz.ratio(one.text, other.text), fuzz.token_sort_ratio(one.text, other.text)) / 100
    both = len(one.telling) + len(other.telling)
    words = 2 * len(one.telling & other.telling) / both if both else letters
    return min(LETTERS * letters + WORDS * words, 0.99)


def _same_version(one: Said, other: Said) -> bool:
    return bool(one.client_version) and one.client_version == other.client_version


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()
