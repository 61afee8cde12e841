"""An account's name and colour as its customers see them, with the colour made readable in light and in dark."""

from __future__ import annotations

import re
from dataclasses import dataclass

from accounts.models import Account

Channels = tuple[float, float, float]

# What the colours lie on in static/public/public.css: of each scheme's grounds the one that is hardest to read on
# (--tint).
LIGHT_GROUND = "#f4f3f0"
DARK_GROUND = "#24272c"
COLOR = re.compile(r"#[0-9a-f]{6}")
# For whatever slipped past the field's validator: a page must not break over a colour.
FALLBACK = "#4f46e5"
BLACK, WHITE = "#000000", "#ffffff"
# WCAG 2.2 AA: 1.4.3 text, 1.4.11 parts of controls.
TEXT, CONTROL = 4.5, 3.0


@dataclass(frozen=True)
class Palette:
    """`on_fill` is read on `fill`, `edge` around it stands out from the ground, `ink` is read on the ground."""

    fill: str
    on_fill: str
    edge: str
    ink: str


@dataclass(frozen=True)
class Brand:
    name: str
    light: Palette
    dark: Palette

    @property
    def initial(self) -> str:
        return next((letter.upper() for letter in self.name if letter.isalnum()), "•")

    @property
    def css(self) -> str:
        """The custom properties that public.css reads; nothing in it but computed colours."""
        light, dark = _properties(self.light), _properties(self.dark)
        return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


def brand_of(account: Account, *, name: str = "", color: str = "") -> Brand:
    """`name` and `color` are a location's own, blank for the account's."""
    color = (color or account.brand_color).lower()
    if not COLOR.fullmatch(color):
        color = FALLBACK
    return Brand(name or account.display_name, light_palette(color), dark_palette(color))


def light_palette(color: str) -> Palette:
    """The brand's own colour; a pale one gets a darker edge rather than lose what it is recognised by."""
    return _palette(color, fill=color, ground=LIGHT_GROUND)


def dark_palette(color: str) -> Palette:
    """A dark colour is lightened as a whole: an edge that glows around it would draw the eye."""
    return _palette(color, fill=_away(color, DARK_GROUND, CONTROL), ground=DARK_GROUND)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two #rrggbb colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _palette(color: str, *, fill: str, ground: str) -> Palette:
    on_fill = max(WHITE, BLACK, key=lambda text: contrast(text, fill))
    return Palette(fill, on_fill, edge=_away(color, ground, CONTROL), ink=_away(color, ground, TEXT))


def _away(color: str, ground: str, ratio: float) -> str:
    """The colour, moved away from the ground only as far as it must be."""
    towards = BLACK if _luminance(ground) > 0.5 else WHITE
    mixes = (_mix(color, towards, step / 50) for step in range(51))
    return next(mixed for mixed in mixes if contrast(mixed, ground) >= ratio)


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mix(color: str, towards: str, share: float) -> str:
    mixed = (a + (b - a) * share for a, b in zip(_channels(color), _channels(towards), strict=True))
    return "#" + "".join(f"{round(c * 255):02x}" for c in mixed)


def _channels(color: str) -> Channels:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _properties(palette: Palette) -> str:
    colors = (palette.fill, palette.on_fill, palette.edge, palette.ink)
    names = ("--brand", "--on-brand", "--brand-edge", "--brand-ink")
    return ";".join(f"{name}:{color}" for name, color in zip(names, colors, strict=True))
