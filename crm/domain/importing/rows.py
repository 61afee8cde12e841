"""One row of a file as what it says about a person; nothing is looked up or written here but given locations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm.domain import countries, emails, phones, texts, time_zones
from crm.domain.customers import CustomerFields
from crm.domain.importing.columns import FIELDS, PROPERTY
from crm.models import Company, Customer, Identity, Location
from feedbackhub.errors import HubError, Invalid

YES = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "oui", "si", "sí"})


@dataclass(frozen=True)
class Person:
    """What a row says. Blank cells say nothing."""

    fields: CustomerFields
    properties: dict[str, str] = field(default_factory=dict)
    locations: tuple[Location, ...] = ()
    company: str = ""
    external_id: str = ""


class Places:
    """The account's locations by name, in any case, and by id."""

    def __init__(self, locations: Sequence[Location]) -> None:
        self._by_id = {one.public_id: one for one in locations}
        self._by_name: dict[str, list[Location]] = {}
        for one in locations:
            self._by_name.setdefault(one.name.strip().lower(), []).append(one)

    def named(self, text: str) -> Location:
        if text in self._by_id:
            return self._by_id[text]
        found = self._by_name.get(text.lower(), [])
        if len(found) != 1:
            said = (
                f"No location is called {text}." if not found else f"Several locations are called {text}. Give the id."
            )
            raise Invalid(said, field="location")
        return found[0]


def parse(
    cells: Sequence[str], *, headers: Sequence[str], mapping: Sequence[str], places: Places, country: str
) -> Person:
    """Invalid names the field at fault. `country` reads numbers without + where the row names none."""
    said = {name: cell.strip() for name, cell in zip(mapping, cells, strict=False) if name in FIELDS and cell.strip()}
    fields: CustomerFields = {}
    if "name" in said:
        first, _, last = said["name"].rpartition(" ")
        said = {"fname": first or last, "sname": last if first else "", **said}
    if code := said.get("country_code"):
        fields["country_code"] = countries.parse(code)
    locations = (places.named(said["location"]),) if "location" in said else ()
    if email := said.get("email"):
        fields["email"] = emails.parse(email)
    if number := said.get("mobile_number"):
        dialled = fields.get("country_code") or (locations[0].country_code if locations else None) or country or None
        fields["mobile_number"] = phones.parse(_number(number), dialled)
    for name in ("fname", "sname", "language"):
        if said.get(name):
            fields[name] = texts.fit(Customer, name, said[name])
    if zone := said.get("time_zone"):
        fields["time_zone"] = time_zones.parse(zone)
    if said.get("opt_out", "").lower() in YES:
        # A no is taken in; that there is none takes no no back.
        fields["opt_out"] = True
    company = texts.fit(Company, "name", said.get("company")) or ""
    external_id = said.get("external_id", "")
    if len(external_id) > (Identity._meta.get_field("value").max_length or 0):
        raise Invalid("At most 255 characters.", field="external_id")
    return Person(fields, _properties(cells, headers, mapping), locations, company, external_id)


def why(error: HubError) -> tuple[str, str]:
    """The field at fault as people call it, and the reason."""
    name = error.problems[0].name if error.problems else ""
    return FIELDS.get(name, name), error.message


def _properties(cells: Sequence[str], headers: Sequence[str], mapping: Sequence[str]) -> dict[str, str]:
    columns = zip(headers, mapping, cells, strict=False)
    return {header.strip()[:100]: cell.strip() for header, name, cell in columns if name == PROPERTY and cell.strip()}


def _number(text: str) -> str:
    """A number that lost its + in a spreadsheet keeps its digits; 00 and + are read as they stand."""
    return text.removeprefix("'")
