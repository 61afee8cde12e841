"""Day before month spelled out, and 24 hours: read the same on both sides of the Atlantic."""

from __future__ import annotations

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
