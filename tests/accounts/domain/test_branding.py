"""Branding: whatever colour an account picks, its pages stay readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain import branding
from accounts.domain.branding import DARK_GROUND, LIGHT_GROUND, contrast, palette
from accounts.models import Account

COLORS = st.from_regex(r"\A#[0-9a-f]{6}\Z")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@given(color=COLORS, ground=st.sampled_from([LIGHT_GROUND, DARK_GROUND]))
def test_every_colour_is_seen_and_read_in_light_and_dark(color: str, ground: str) -> None:
    made = palette(color, ground=ground)

    assert contrast(made.fill, ground) >= 3
    assert contrast(made.on_fill, made.fill) >= 4.5
    assert contrast(made.ink, ground) >= 4.5


def test_a_colour_that_is_readable_is_left_alone() -> None:
    assert palette("#4f46e5", ground=LIGHT_GROUND) == branding.Palette("#4f46e5", "#ffffff", "#4f46e5")


def test_a_pale_colour_carries_black_text_and_is_darkened_until_seen() -> None:
    made = palette("#ffe680", ground=LIGHT_GROUND)
    assert made.on_fill == "#000000"
    assert made.fill != "#ffe680"


@pytest.mark.parametrize(("name", "initial"), [("Alice's Bakery", "A"), ("  élan", "É"), ("—7 Up", "7"), ("…", "•")])
def test_the_mark_is_the_names_first_letter(name: str, initial: str) -> None:
    assert branding.brand_of(Account(name=name)).initial == initial


def test_the_style_holds_computed_colours_only() -> None:
    css = branding.brand_of(Account(name="</style><script>", brand_color="#ABCDEF")).css
    assert re.sub(r"#[0-9a-f]{6}", "#", css) == (
        ":root{--brand:#;--on-brand:#;--brand-ink:#}"
        "@media(prefers-color-scheme:dark){:root{--brand:#;--on-brand:#;--brand-ink:#}}"
    )
