"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from datetime import datetime

PREFIX = "whsec_"
LONGEST_KEY = 255


def new_key() -> str:
    """`whsec_` and 32 random bytes."""
    return PREFIX + base64.b64encode(os.urandom(32)).decode()


def is_key(text: str) -> bool:
    """Base64 of at least one byte, with or without `whsec_` before it."""
    try:
        return bool(_secret(text))
    except (ValueError, binascii.Error):
        return False


def headers(*, key: str, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """What goes out with a body, so that its receiver knows who sent it and when."""
    seconds = str(int(at.timestamp()))
    signed = f"{id}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.new(_secret(key), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}


def _secret(key: str) -> bytes:
    return base64.b64decode(key.removeprefix(PREFIX), validate=True)
