"""The shapes of sources, people and records on this wire, and the way in and out of them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crm.domain.customers import CustomerFields
from crm.domain.people import CompanyNamed
from crm.models import Customer
from feedback.models import Source, SourceRecord
from feedbackhub.api.errors import ApiError
from feedbackhub.api.times import format_utc, parse_timestamp
from feedbackhub.errors import FieldProblem, Invalid
from feedbackhub.texts import is_one_line

CATEGORIES = ("content", "created_at", "identifier", "identity", "metadata")
FIELD_MEMBERS = ("category", "type", "name", "value")
BOUNDARIES = ("external", "internal")
# UTF-8 bytes of one field's value, json in its compact form.
VALUE_LIMIT = 10 * 1024
MOST_FIELDS = 500
NAME_LENGTH = 200
EXTERNAL_ID_LENGTH = 255
SOURCE_NAME_LENGTH = 255
SOURCE_TYPE_LENGTH = 50
# What the hub's tables hold of a person and a company.
PERSON_TEXTS = {"first_name": ("fname", 100), "last_name": ("sname", 100), "email": ("email", 254)}
COMPANY_TEXTS = {"name": 200, "domain": 253}
# No address and no URL; what a name may be is for its registry to say.
DOMAIN = re.compile(r"[^\s/@:?#]+")
EARLIEST_DAY, LATEST_DAY = date(1970, 1, 1), date(2080, 12, 31)


@dataclass(frozen=True, slots=True)
class NewSource:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A company that is None is not spoken of; one that is left is in `fields`."""

    fields: CustomerFields
    company: CompanyNamed | None


@dataclass(frozen=True, slots=True)
class RecordMembers:
    """What a record's body says; a PATCH changes only what is in `given`."""

    given: frozenset[str]
    person_id: int | None = None
    external_id: str | None = None
    display_ts: datetime | None = None
    fields: tuple[dict[str, Any], ...] = ()


class Reading:
    """Reads members one by one and gathers what is wrong with them."""

    def __init__(self, body: Mapping[str, Any], path: str = "") -> None:
        self.body = body
        self.path = path
        self.problems: list[FieldProblem] = []

    def wrong(self, name: str, message: str) -> None:
        self.problems.append(FieldProblem(f"{self.path}{name}", message))

    def text(self, name: str, longest: int, *, required: bool = False, one_line: bool = False) -> str | None:
        value = self.body.get(name)
        if value is None and not required:
            return None
        if not isinstance(value, str):
            self.wrong(name, "is required" if value is None else "must be a string")
            return None
        if required and not value.strip():
            self.wrong(name, "must not be blank")
        elif one_line and not is_one_line(value.strip()):
            self.wrong(name, "must be printable characters on one line")
        if len(value) > longest:
            self.wrong(name, f"must be at most {longest} characters")
        return value

    def one_of(self, name: str, known: tuple[str, ...], *, default: str | None = None) -> str:
        value = self.body.get(name, default)
        if value is None and name not in self.body:
            self.wrong(name, "is required")
        elif value not in known:
            self.wrong(name, f"must be one of: {', '.join(known)}")
        return str(value)

    def check(self) -> None:
        if self.problems:
            raise Invalid.many(self.problems)


def parse_source(body: Mapping[str, Any]) -> NewSource:
    reading = Reading(body)
    name = reading.text("name", SOURCE_NAME_LENGTH, required=True, one_line=True)
    type = reading.text("type", SOURCE_TYPE_LENGTH, one_line=True)
    reading.check()
    return NewSource(name or "", type or "api")


def parse_person(body: Mapping[str, Any]) -> NewPerson:
    """Members not sent stay as they are; the e-mail says who it is."""
    reading = Reading(body)
    fields: dict[str, Any] = {}
    for member, (column, longest) in PERSON_TEXTS.items():
        value = reading.text(member, longest, required=member == "email", one_line=True)
        if member in body:
            fields[column] = value
    if "boundary" in body:
        fields["internal"] = reading.one_of("boundary", BOUNDARIES) == "internal"
    company = _company(body, reading)
    if "company" in body and company is None:
        fields["company"] = None
    reading.check()
    return NewPerson(CustomerFields(**fields), company)  # type: ignore[typeddict-item]


def _company(body: Mapping[str, Any], reading: Reading) -> CompanyNamed | None:
    company = body.get("company")
    if company is None:
        return None
    if not isinstance(company, dict):
        reading.wrong("company", "must be an object")
        return None
    inner = Reading(company, "company.")
    names = {name: (inner.text(name, longest, one_line=True) or "").strip() for name, longest in COMPANY_TEXTS.items()}
    reading.problems += inner.problems
    if names["domain"] and not DOMAIN.fullmatch(names["domain"]):
        reading.wrong("company.domain", "must be a domain such as acme.example")
    if not inner.problems and not any(names.values()):
        reading.wrong("company", "needs a name or a domain")
    return CompanyNamed(**names)


def parse_record(body: Any, *, partial: bool = False) -> RecordMembers:
    """One record: an object, never a list of them."""
    if isinstance(body, dict) and "records" in body:
        raise Invalid("Send one record per request.", field="records")
    reading = Reading(body)
    members = RecordMembers(
        given=frozenset({"person_id", "external_id", "display_ts", "fields"} & body.keys()),
        person_id=_person_id(reading),
        external_id=reading.text("external_id", EXTERNAL_ID_LENGTH),
        display_ts=_moment(reading, "display_ts"),
        fields=() if partial and "fields" not in body else _fields(reading),
    )
    if members.external_id == "":
        reading.wrong("external_id", "must not be empty")
    reading.check()
    return members


def _person_id(reading: Reading) -> int | None:
    value = reading.body.get("person_id")
    if value is None or _is_integer(value):
        return value
    reading.wrong("person_id", "must be an integer")
    return None


def _moment(reading: Reading, name: str) -> datetime | None:
    if reading.body.get(name) is None:
        return None
    try:
        return parse_timestamp(reading.body[name], f"{reading.path}{name}")
    except ApiError as error:
        reading.problems += error.problems
    return None


def _fields(reading: Reading) -> tuple[dict[str, Any], ...]:
    fields = reading.body.get("fields")
    if not isinstance(fields, list) or not fields:
        reading.wrong("fields", "must be an array of at least one field" if fields is not None else "is required")
        return ()
    if len(fields) > MOST_FIELDS:
        reading.wrong("fields", f"must be an array of at most {MOST_FIELDS} fields")
        return ()
    for index, field in enumerate(fields):
        path = f"fields[{index}]"
        if not isinstance(field, dict):
            reading.wrong(path, "must be an object")
            continue
        inner = Reading(field, f"{path}.")
        _check_field(inner)
        reading.problems += inner.problems
    return tuple(fields)


def _check_field(reading: Reading) -> None:
    reading.one_of("category", CATEGORIES)
    kind = reading.one_of("type", tuple(VALUES))
    reading.text("name", NAME_LENGTH, required=True)
    if "value" not in reading.body:
        reading.wrong("value", "is required")
    elif kind in VALUES:
        value = reading.body["value"]
        fits, wanted = VALUES[kind]
        if not fits(value):
            reading.wrong("value", f"must be {wanted}")
        elif _size(kind, value) > VALUE_LIMIT:
            reading.wrong("value", f"must be at most {VALUE_LIMIT} bytes")


def _size(kind: str, value: Any) -> int:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")) if kind == "json" else str(value)
    return len(text.encode())


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        return EARLIEST_DAY <= date.fromisoformat(value) <= LATEST_DAY
    except ValueError:
        return False


def _is_datetime(value: Any) -> bool:
    try:
        parse_timestamp(value, "value")
    except ApiError:
        return False
    return True


# Of each field type: whether a value is one, and what to tell the sender if not.
VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "date": (_is_date, "a date such as 2025-01-31, from 1970 to 2080"),
    "datetime": (_is_datetime, "a date and time with a zone such as 2025-01-31T12:00:00Z, from 1970 to 2080"),
    "float": (_is_number, "a number"),
    "integer": (_is_integer, "an integer"),
    "json": (lambda _value: True, "JSON"),
    "string": (lambda value: isinstance(value, str), "a string"),
}


def render_source(source: Source) -> dict[str, Any]:
    return {
        "id": source.pk,
        "name": source.name,
        "type": source.type,
        "created_at": format_utc(source.created_at),
    }


def render_person(person: Customer) -> dict[str, Any]:
    return {
        "id": person.pk,
        "first_name": person.fname,
        "last_name": person.sname,
        "email": person.email,
        "boundary": "internal" if person.internal else "external",
        "company_id": person.company_id,
        "created_at": format_utc(person.created_at),
    }


def render_record(record: SourceRecord) -> dict[str, Any]:
    return {
        "id": record.pk,
        "feedback_source_id": record.source_id,
        "person_id": record.customer_id,
        "external_id": record.external_id,
        "display_ts": format_utc(record.display_ts),
        "created_at": format_utc(record.created_at),
        "fields": [_render_field(field) for field in record.fields],
    }


def _render_field(field: dict[str, Any]) -> dict[str, Any]:
    """The database keeps members by length; people read the kind of thing before the thing."""
    return {name: field[name] for name in FIELD_MEMBERS} | field
