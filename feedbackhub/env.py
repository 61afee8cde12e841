"""Reads settings from the environment and refuses junk instead of guessing.

Every reader names the variable and the fix in its error, because whoever reads it is looking at a boot log.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(Exception):
    """A variable is missing or unreadable; the text says which one and what to do."""


def text(name: str, default: str | None = None, *, choices: Sequence[str] | None = None) -> str:
    """The variable's text; required when there is no default."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise BadSetting(f"{name} is not set. Set it in the environment; .env.example says what it is for.")
    if choices is not None and value not in choices:
        raise BadSetting(f"{name} is {value!r}. It must be one of: {', '.join(choices)}.")
    return value


def secret(name: str, *, at_least: int = 32, optional: bool = False) -> str:
    """A secret of at least `at_least` characters; "" for one that may be missing and is."""
    value = text(name, "" if optional else None)
    if len(value) < at_least and not (optional and not value):
        raise BadSetting(f"{name} has {len(value)} characters. Use at least {at_least} random ones.")
    return value


def flag(name: str, default: bool) -> bool:
    """true/false, yes/no, on/off or 1/0."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise BadSetting(f"{name} is {value!r}. Use true or false.")


def integer(name: str, default: int, *, low: int = 0, high: int = 10**9) -> int:
    """A whole number within low..high."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(f"{name} is {value!r}. Use a whole number.") from None
    if not low <= number <= high:
        raise BadSetting(f"{name} is {number}. It must lie between {low} and {high}.")
    return number


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list; blanks are dropped."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """A comma-separated list such as 127.0.0.0/8,::1; empty when it is not set."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise BadSetting(f"{name}: {error}. Give networks such as 127.0.0.0/8,10.1.0.0/16.") from None
