"""The hub's own words: every language says everything, with the same values, and an answer by SMS is one segment."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from campaigns.domain import landing, words
from campaigns.domain.sms_segments import segments

ROOT = Path(__file__).resolve().parents[3]
OTHERS = sorted(set(words.CATALOGUES) - {"en"})
SAMPLE = {"name": "A", "score": 1, "count": 1, "word": "w", "platform": "P", "limit": 5}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_are_seven_languages():
    assert sorted(words.CATALOGUES) == ["de", "en", "es", "fr", "it", "nl", "pt"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_says_everything_and_nothing_else(language: str):
    assert list(words.CATALOGUES[language]) == list(words.CATALOGUES["en"])


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_has_the_same_values_in_every_language(language: str):
    there = {key: placeholders(text) for key, text in words.CATALOGUES[language].items()}
    assert there == {key: placeholders(text) for key, text in words.CATALOGUES["en"].items()}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str):
    english = words.CATALOGUES["en"]
    same = {key for key, text in words.CATALOGUES[language].items() if text == english[key]}
    # "Excellent" is French as well.
    assert same <= {"star_5"}


@pytest.mark.parametrize("language", sorted(words.CATALOGUES))
@pytest.mark.parametrize("key", ["sms_stop", "sms_start", "sms_help"])
def test_an_answer_by_sms_is_one_segment_with_the_longest_name(language: str, key: str):
    for name in ("x" * 60, words.say(language, "sms_nobody")):
        measured = segments(words.say(language, key, name=name))
        assert (measured.encoding, measured.count) == ("GSM-7", 1)


@pytest.mark.parametrize("language", sorted(words.CATALOGUES))
def test_sentences_are_plain_text(language: str):
    for key in words.CATALOGUES[language]:
        said = words.say(language, key, **SAMPLE)
        assert said == said.strip()
        assert not re.search(r"[{}<>\n]|  ", said), said


def test_every_key_is_used_and_every_used_key_is_there():
    sources = [*(ROOT / "templates/campaigns").rglob("*.html"), *(ROOT / "campaigns").rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources if "words" not in (path.parent.name, path.stem))
    in_templates = set(re.findall(r'{% say "(\w+)"', text))
    assert in_templates <= set(words.CATALOGUES["en"])
    made_up = {f"star_{stars}" for stars in range(1, 6)} | {
        "sms_stop",
        "sms_start",
        "sms_help",
        "one_star",
        "more_stars",
    }
    quoted = set(re.findall(r'"(\w+)"', text)) | set(landing.QUESTIONS.values())
    assert set(words.CATALOGUES["en"]) - made_up <= in_templates | quoted


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["de"], "de"),
        (["pt-BR", "en"], "pt"),
        (["", "ja", "fr_CA"], "fr"),
        (["NL"], "nl"),
        (["ja", "zh-hant"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_we_speak_is_chosen(wanted: list[str], chosen: str):
    assert words.choose(*wanted) == chosen


def test_values_that_a_sentence_does_not_use_are_no_error():
    assert words.say("de", "nothing_chosen", limit=5) == "Wählen Sie eine der Antworten."
