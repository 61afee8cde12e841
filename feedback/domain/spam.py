"""A hint that something may be spam. It flags, for people to decide; nothing is ever dropped, moved or hidden by it."""

from __future__ import annotations

import re
from collections import Counter

LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
WORD = re.compile(r"\w+")
MANY_LINKS = 3
# A line, or a run of words, that comes again and again.
MANY_TIMES = 3
SHORTEST_LINE = 12
RUN = 4
# What is longer is looked at up to here: a hint is worth no more.
LOOKED_AT = 5_000


def hint(message: str) -> str:
    """Why it may be spam, in a few words; blank if nothing speaks for it."""
    text = message[:LOOKED_AT]
    links = len(LINK.findall(text))
    if links >= MANY_LINKS:
        return f"{links} links"
    times = max(_most(_lines(text)), _most(_runs(text)))
    return f"the same text {times} times" if times >= MANY_TIMES else ""


def _lines(text: str) -> list[str]:
    return [line for line in (line.strip().casefold() for line in text.splitlines()) if len(line) >= SHORTEST_LINE]


def _runs(text: str) -> list[str]:
    """Every run of RUN words; one word said often, as in "very very very very good", is no run."""
    words = WORD.findall(text.casefold())
    runs = [words[at : at + RUN] for at in range(len(words) - RUN + 1)]
    return [" ".join(run) for run in runs if len(set(run)) > 1]


def _most(texts: list[str]) -> int:
    return max(Counter(texts).values(), default=0)
