"""From JSON to msgspec structs, with complaints in the words of JSON."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from feedbackhub.errors import FieldProblem, Invalid

T = TypeVar("T")

_WORDS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "dict": "object", "list": "array"}
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_MEMBER = re.compile(r"Object (?P<what>contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL)
_QUOTED = re.compile(r"`([^`]*)`")
_BY_MEMBER = {"contains unknown": "is not a known member", "missing required": "is required"}


def shaped(value: object, shape: type[T]) -> T:
    """Parsed JSON as `shape`. Raises Invalid, naming the member at fault."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise complaint(error) from None


def complaint(error: msgspec.ValidationError) -> Invalid:
    """msgspec's complaint as ours: the path as `member.inner.0`, types in the words of JSON."""
    found = _AT.match(str(error))
    what, path = (found["what"], found["path"] or "") if found else (str(error), "")
    path = path.replace("[...]", "").replace("[", ".").replace("]", "")
    if member := _MEMBER.fullmatch(what):
        name = ".".join(part for part in (path, member["name"][:64]) if part)
        return Invalid.many([FieldProblem(name, _BY_MEMBER[member["what"]])])
    words = _QUOTED.sub(lambda quoted: " or ".join(_WORDS.get(each, each) for each in quoted[1].split(" | ")), what)
    words = words[:1].lower() + words[1:]
    return Invalid.many([FieldProblem(path, words)]) if path else Invalid(f"The body: {words}.")
