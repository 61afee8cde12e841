"""Values to JSON bytes, for answers."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:
    """Compact JSON. Structs, dataclasses, UUIDs, dates and Decimals are welcome; dates with a zone end in `Z`."""
    try:
        return _encoder.encode(value)
    except OverflowError:
        # msgspec stops at 64 bits; what a client sent verbatim may have 19 digits and a sign.
        return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":")).encode()
