"""Branding: whatever colour an account picks, its pages stay readable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain import branding
from accounts.domain.branding import DARK_GROUND, LIGHT_GROUND, Palette, contrast, dark_palette, light_palette
from accounts.models import Account

COLORS = st.from_regex(r"\A#[0-9a-f]{6}\Z")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@given(color=COLORS)
def test_every_colour_is_seen_and_read_in_light_and_dark(color: str) -> None:
    for made, ground in ((light_palette(color), LIGHT_GROUND), (dark_palette(color), DARK_GROUND)):
        assert contrast(made.edge, ground) >= 3
        assert contrast(made.on_fill, made.fill) >= 4.5
        assert contrast(made.ink, ground) >= 4.5


def test_the_grounds_are_the_style_sheets() -> None:
    css = (Path(settings.BASE_DIR) / "static/public/public.css").read_text()
    assert re.findall(r"--tint: (#\w+);", css) == [LIGHT_GROUND, DARK_GROUND]
    grounds = re.findall(r"--(?:bg|surface): (#\w+);", css)
    assert all(contrast("#000000", ground) >= contrast("#000000", LIGHT_GROUND) for ground in grounds[:2])
    assert all(contrast("#ffffff", ground) >= contrast("#ffffff", DARK_GROUND) for ground in grounds[2:])


def test_a_colour_that_is_readable_is_left_alone() -> None:
    assert light_palette("#4f46e5") == Palette("#4f46e5", "#ffffff", "#4f46e5", "#4f46e5")


def test_a_pale_colour_keeps_itself_carries_black_and_gets_a_darker_edge() -> None:
    made = light_palette("#ffe680")
    assert (made.fill, made.on_fill) == ("#ffe680", "#000000")
    assert made.edge != made.fill


@pytest.mark.parametrize(("name", "initial"), [("Alice's Bakery", "A"), ("  élan", "É"), ("—7 Up", "7"), ("…", "•")])
def test_the_mark_is_the_names_first_letter(name: str, initial: str) -> None:
    assert branding.brand_of(Account(name=name)).initial == initial


def test_the_style_holds_computed_colours_only() -> None:
    css = branding.brand_of(Account(name="</style><script>", brand_color="#ABCDEF")).css
    assert re.sub(r"#[0-9a-f]{6}", "#", css) == (
        ":root{--brand:#;--on-brand:#;--brand-edge:#;--brand-ink:#}"
        "@media(prefers-color-scheme:dark){:root{--brand:#;--on-brand:#;--brand-edge:#;--brand-ink:#}}"
    )


@pytest.mark.parametrize("junk", ["", "red", "#fff", "#12345g", "#123456;}body{display:none"])
def test_a_colour_that_is_none_is_replaced(junk: str) -> None:
    assert branding.brand_of(Account(name="A", brand_color=junk)).light == light_palette(branding.FALLBACK)
