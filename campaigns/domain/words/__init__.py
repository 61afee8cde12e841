"""What the hub itself says to customers, in every language it speaks: pages, the foot of a mail, answers by SMS.

A catalogue is a module with one dictionary, so that a language needs no tool and no build step; a test holds all of
them to the same keys and placeholders. What the console says to staff is not in here.
"""

from __future__ import annotations

from campaigns.domain.words import de, en, es, fr, it, nl, pt

FALLBACK = "en"
CATALOGUES: dict[str, dict[str, str]] = {
    "de": de.WORDS,
    "en": en.WORDS,
    "es": es.WORDS,
    "fr": fr.WORDS,
    "it": it.WORDS,
    "nl": nl.WORDS,
    "pt": pt.WORDS,
}


def choose(*wanted: str) -> str:
    """The first language of these that we speak, whatever its region; English when it is none."""
    primary = (one.replace("_", "-").partition("-")[0].lower() for one in wanted)
    return next((one for one in primary if one in CATALOGUES), FALLBACK)


def say(language: str, key: str, **values: object) -> str:
    """`language` as `choose` gave it; values that the sentence does not use are no error."""
    return CATALOGUES[language][key].format(**values)
