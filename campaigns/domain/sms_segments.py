"""How many segments an SMS takes: what the allowance is charged and the carrier bills.

GSM 03.38: 160 septets in one message, 153 in each part of a joined one. One character outside its alphabet turns the
whole text into UCS-2: 70 code units, or 67 a part. Neither an escape sequence nor a surrogate pair is split.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Segments:
    """`units` are septets (GSM-7) or 16-bit units (UCS-2)."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int


def segments(text: str) -> Segments:
    """An empty text is no message: 0 segments."""
    if all(char in BASIC or char in EXTENDED for char in text):
        sizes = [2 if char in EXTENDED else 1 for char in text]
        return Segments("GSM-7", sum(sizes), _count(sizes, single=160, part=153))
    sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments("UCS-2", sum(sizes), _count(sizes, single=70, part=67))


def _count(sizes: list[int], *, single: int, part: int) -> int:
    if sum(sizes) <= single:
        return 1 if sizes else 0
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
