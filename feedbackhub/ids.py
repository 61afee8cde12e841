"""Identifiers: UUIDv7 for rows that arrive in time order, short codes for contracts, tokens for secrets."""

from __future__ import annotations

import os
import re
import secrets
import time
import uuid
from datetime import datetime

# Without 0/O, 1/l/I: codes are read aloud and typed.
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_LENGTH = 10
TOKEN_BYTES = 18
_TOKEN = re.compile(r"[A-Za-z0-9_-]{24}", re.ASCII)


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562 version 7); 74 random bits."""
    millis = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (millis & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= ((random_bits >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random_bits & (2**62 - 1)
    return uuid.UUID(int=value)


def first_uuid7_of(moment: datetime) -> uuid.UUID:
    """No version 7 UUID made at that moment or later sorts before it."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def new_code() -> str:
    """A public id such as `gd7TdOx9Qa`: 58 random bits. A name, never a secret."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def new_token() -> str:
    """A URL-safe secret of 144 random bits (landing, unsubscribe and invitation links)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether it can be one of ours at all: whatever cannot be is not looked up."""
    return _TOKEN.fullmatch(text) is not None
