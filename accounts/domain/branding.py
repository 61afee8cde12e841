"""An account's name and colour as its customers see them, with the colour made readable in light and in dark."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account

Channels = tuple[float, float, float]

# What the colours lie on, as in static/public/public.css: --bg is the darker of the light pair and so decides for
# text on either; in dark --tint is the lighter of its kind and decides there.
LIGHT_GROUND = "#f4f3f0"
DARK_GROUND = "#24272c"
BLACK, WHITE = "#000000", "#ffffff"
# WCAG 2.2 AA: 1.4.3 text, 1.4.11 parts of controls.
TEXT, CONTROL = 4.5, 3.0


@dataclass(frozen=True)
class Palette:
    """`fill` stands out from the ground, `on_fill` is read on it, `ink` is read on the ground."""

    fill: str
    on_fill: str
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


def brand_of(account: Account) -> Brand:
    color = account.brand_color
    return Brand(account.display_name, palette(color, ground=LIGHT_GROUND), palette(color, ground=DARK_GROUND))


def palette(color: str, *, ground: str) -> Palette:
    """The brand's colour, moved away from the ground only as far as it must be to be seen and read."""
    fill = _away(color, ground, CONTROL)
    return Palette(fill, max(WHITE, BLACK, key=lambda text: contrast(text, fill)), _away(color, ground, TEXT))


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two #rrggbb colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _away(color: str, ground: str, ratio: float) -> str:
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
    return f"--brand:{palette.fill};--on-brand:{palette.on_fill};--brand-ink:{palette.ink}"
