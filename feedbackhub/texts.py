"""What a text may hold before it is stored."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def is_one_line(text: str) -> bool:
    """Without control characters: a line break in a name would end up in the head of a mail."""
    return _CONTROL.search(text) is None


def has_plain_lines(text: str) -> bool:
    """One line or several, without any other control character."""
    return is_one_line(text.replace("\n", ""))


def tidy_lines(text: str) -> str:
    """Words of several lines as they are stored: browsers send line ends as CR LF; PostgreSQL cannot hold NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
