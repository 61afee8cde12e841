"""Arguments of a body: a table per noun says what there is, of which type, and documents it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feedbackhub.api.errors import ApiError, invalid
from feedbackhub.api.times import epoch, parse_timestamp

Convert = Callable[[str, Any], Any]
TRUE = frozenset({"true", "1"})
FALSE = frozenset({"false", "0"})
_WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
LARGEST = 2_147_483_647
BOOLEAN = {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["true", "false", "TRUE", "FALSE", "1", "0"]}]}
# Epoch seconds until the end of 2080.
TIMESTAMP = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": 3_502_828_799}, {"type": "string", "format": "date-time"}]
}


@dataclass(frozen=True)
class Argument:
    """`convert(name, value)` gives the Python value of what was sent or raises ApiError."""

    convert: Convert
    schema: dict[str, Any]
    description: str
    required: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Kept:
    """An attribute that only the hub sets. It may be sent along, so that an object fetched can be posted back whole,
    but only as it is now; one that `moves` by itself is ignored, because it may have moved meanwhile."""

    description: str
    moves: bool = False


def read(
    body: Mapping[str, Any],
    arguments: Mapping[str, Argument],
    kept: Mapping[str, Kept] | None = None,
    shown: Callable[[], Mapping[str, Any]] = dict,
) -> dict[str, Any]:
    """What was sent, converted; absent arguments stay absent. ApiError for an unknown or a missing one.

    `shown` gives the object as it is now; it is asked when one of the `kept` attributes was sent.
    """
    kept = kept or {}
    for name in body:
        if name not in arguments and name not in kept:
            raise invalid(name[:100], f"is not an argument here. Known are: {', '.join(sorted(arguments))}.")
    still = [name for name in body if name in kept and not kept[name].moves]
    now = shown() if still else {}
    for name in still:
        if not is_same(body[name], now[name]):
            raise invalid(name, "cannot be set here and is not what was sent. Leave it out.")
    values = {name: arguments[name].convert(name, value) for name, value in body.items() if name in arguments}
    for name, argument in arguments.items():
        if argument.required and values.get(name) in (None, ""):
            raise invalid(name, "is required.")
    return values


def optional(arguments: Mapping[str, Argument]) -> dict[str, Argument]:
    """The same arguments for an update, where absent means unchanged."""
    return {name: Argument(each.convert, each.schema, each.description) for name, each in arguments.items()}


def text(description: str, *, required: bool = False, max_length: int | None = None) -> Argument:
    """A text; null and blank are None."""
    schema: dict[str, Any] = {"type": "string", "minLength": 1} if required else {"type": ["string", "null"]}
    if max_length:
        schema["maxLength"] = max_length
    return Argument(as_text, schema, description, required=required)


def boolean(description: str, *, required: bool = False) -> Argument:
    """true or false, also as text: a form has nothing else."""
    return Argument(as_boolean, BOOLEAN, description, required=required)


def number_or_null(description: str) -> Argument:
    """A whole number from 0, also as text; null and blank are None."""
    whole = {"type": "integer", "minimum": 0, "maximum": LARGEST}
    schema = {"anyOf": [whole, {"type": "string", "pattern": "^[0-9]{0,9}$"}, {"type": "null"}]}
    return Argument(as_number_or_null, schema, description)


def array(description: str) -> Argument:
    """A list of texts; a single text is a list of one."""
    schema = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
    return Argument(as_array, schema, f"{description} In a form: `name[]`.")


def timestamp(description: str) -> Argument:
    return Argument(as_timestamp, {"anyOf": [*TIMESTAMP["anyOf"], {"type": "null"}]}, description)


def is_same(sent: Any, shown: Any) -> bool:
    """Whether what was sent is what an answer shows, in any of the ways that an answer or a form writes it."""
    if isinstance(shown, list):
        return sorted(map(str, sent if isinstance(sent, list) else [sent])) == sorted(map(str, shown))
    if isinstance(shown, datetime):
        return _epoch(sent) == epoch(shown)
    if isinstance(shown, bool):
        return sent is shown or (isinstance(sent, str) and sent.strip().lower() == str(shown).lower())
    return bool(sent == shown)


def _epoch(sent: Any) -> int | None:
    try:
        return epoch(parse_timestamp(sent, "", allow_epoch=True))
    except ApiError:
        return None


def as_text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(name, "must be one text.")
    return value.strip() or None


def as_boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    written = value.strip().lower() if isinstance(value, str) else ""
    if written not in TRUE | FALSE:
        raise invalid(name, "must be true or false.")
    return written in TRUE


def as_number_or_null(name: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    written = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _WHOLE.fullmatch(written) or int(written) > LARGEST:
        raise invalid(name, f"must be a whole number from 0 to {LARGEST}, or null for no limit.")
    return int(written)


def as_array(name: str, value: Any) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    texts = [as_text(name, item) for item in items]
    if len(texts) > 1000:
        raise invalid(name, "holds more than 1000 values.")
    return [item for item in texts if item]


def as_timestamp(name: str, value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    return parse_timestamp(value.strip() if isinstance(value, str) else value, name, allow_epoch=True)
