"""What comes in, read strictly: a body, form or query either means one thing or is refused with the reason.

Everything here takes time linear in its input; hostile bodies are why so little of it is a loop in Python.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from django.http import QueryDict
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from feedbackhub.api.errors import ApiError, Kind, malformed
from feedbackhub.errors import FieldProblem

MAX_DEPTH = 32
# More than any contract needs; two megabytes of `[],` would be 700 000 lists to build.
MAX_CONTAINERS = 100_000
MAX_INTEGER_DIGITS = 19
# Far more than a double can tell apart; a longer one is an attack on whoever reads it next.
MAX_NUMBER_LENGTH = 400

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JSON_TYPE = re.compile(r"application/(json|[a-z0-9!#$&^_.-]+\+json)", re.IGNORECASE)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


def is_json(content_type: str) -> bool:
    """`application/json` or `application/<anything>+json`, parameters aside."""
    return _JSON_TYPE.fullmatch(content_type.partition(";")[0].strip()) is not None


def loads(raw: bytes) -> Any:
    """JSON as Python values. ApiError MALFORMED for what is not JSON as meant, INVALID for unstorable text."""
    if not raw.strip(b" \t\r\n"):
        raise malformed("The body is empty. Send JSON.")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise malformed("The body starts with a byte order mark. Send UTF-8 without one.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise malformed(f"The body is not UTF-8 (byte {error.start}).") from None
    check_structure(raw)
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise malformed(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    if "\\u" in text:
        # Raw UTF-8 holds neither: NUL is a control character, surrogates cannot be encoded.
        check_texts(value)
    return value


def check_structure(raw: bytes) -> None:
    """Refuse brackets outside of strings that are too many or too deep, before anything is built of them.

    Whole-buffer operations only: this is the one place that sees bodies of any shape.
    """
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    brackets = brackets_of(raw)
    if brackets.count(b"[") > MAX_CONTAINERS:
        raise malformed(f"The body holds more than {MAX_CONTAINERS} arrays and objects.")
    for _ in range(MAX_DEPTH):
        # Each turn removes the innermost level.
        brackets = brackets.replace(b"[]", b"")
    if b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH:
        raise malformed(f"The body is nested more than {MAX_DEPTH} levels deep.")


def brackets_of(raw: bytes) -> bytes:
    """The brackets outside of strings, all of one kind: a `[` for each array and object."""
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b"".join(unescaped.split(b'"')[::2])
    return outside.translate(_ONE_KIND, _NOT_BRACKETS)


def check_texts(value: Any, name: str = "") -> None:
    """Refuse NUL and lone surrogates in any key or value."""
    if isinstance(value, str):
        check_text(value, name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(key, name)
            check_texts(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_texts(inner, f"{name}.{index}" if name else str(index))


def check_text(text: str, name: str, *, where: str = "The body") -> None:
    """Refuse what PostgreSQL cannot store, naming the field or, without one, where it was."""
    found = _UNSTORABLE.search(text)
    if found is None:
        return
    what = "NULL bytes" if found[0] == "\x00" else "lone surrogates"
    message = f"must not contain {what}"
    raise ApiError(Kind.INVALID, f"{name}: {message}" if name else f"{where} {message}.", _problems(name, message))


def _problems(name: str, message: str) -> list[FieldProblem]:
    return [FieldProblem(name, message)] if name else []


def strict_query(raw: str | bytes) -> QueryDict:
    """A query string or form body as a QueryDict, once its bytes are known to be UTF-8 without NUL."""
    data = raw.encode("latin-1", "replace") if isinstance(raw, str) else raw
    if not data:
        return QueryDict()
    for pair in data.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.partition(b"=")
        _check_percent_encoded(name, "")
        _check_percent_encoded(value, unquote_to_bytes(name).decode())
    return QueryDict(data)


def _check_percent_encoded(data: bytes, name: str) -> None:
    try:
        text = unquote_to_bytes(data).decode()
    except UnicodeDecodeError:
        message = "must be UTF-8"
        raise ApiError(
            Kind.INVALID, f"{name}: {message}" if name else "The parameters are not UTF-8.", _problems(name, message)
        ) from None
    check_text(text, name, where="A parameter name")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise malformed(f"The member {_shown(twice)} occurs twice in one object.")
    return members


def _shown(name: str) -> str:
    return json.dumps(name if len(name) <= 64 else f"{name[:64]}…")


def _integer(text: str) -> int:
    if len(text) - text.startswith("-") > MAX_INTEGER_DIGITS:
        raise malformed(f"An integer has more than {MAX_INTEGER_DIGITS} digits.")
    return int(text)


def _float(text: str) -> float:
    number = float(text) if len(text) <= MAX_NUMBER_LENGTH else math.inf
    if not math.isfinite(number):
        raise malformed("A number is too large or too long.")
    return number


def _constant(text: str) -> NoReturn:
    raise malformed(f"{text} is not JSON.")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
)


class StrictJSONParser(JSONParser):
    """The project's default, so that a view outside of the contracts is as strict: `loads` behind DRF's interface."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return loads(stream.read())


def require_json(request: Request, *, without_type: bool) -> None:
    """ApiError UNSUPPORTED_MEDIA_TYPE unless the body says that it is JSON in UTF-8."""
    content_type = request.content_type or ""
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", content_type[:256], re.IGNORECASE)
    if (is_json(content_type) or (without_type and not content_type)) and (
        charset is None or charset[1].lower() in ("utf-8", "utf8", "us-ascii")
    ):
        return
    raise ApiError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json in UTF-8.")
