"""Which column of a file is which field of a customer: guessed from its header, chosen by people."""

from __future__ import annotations

import re
from collections.abc import Sequence

FIELDS = {
    "email": "E-mail",
    "mobile_number": "Mobile number",
    "fname": "First name",
    "sname": "Last name",
    "name": "Full name",
    "external_id": "Own id",
    "location": "Location (name or id)",
    "company": "Company",
    "country_code": "Country",
    "time_zone": "Time zone",
    "language": "Language",
    "opt_out": "Do not contact (yes)",
}
PROPERTY = "property"
LEFT_OUT = ""
# Headers as they are written, without case, blanks and signs.
_KNOWN = {
    "email": ("email", "emailaddress", "mail", "emailadresse", "correo", "courriel", "e"),
    "mobile_number": (
        "mobilenumber", "mobile", "phone", "phonenumber", "cell", "cellphone", "tel", "telephone", "handy", "telefon",
        "mobilephone", "sms", "telefono",
    ),
    "fname": ("fname", "firstname", "givenname", "vorname", "prenom", "nombre", "first"),
    "sname": ("sname", "lastname", "surname", "familyname", "nachname", "nom", "apellido", "last"),
    "name": ("name", "fullname", "customer", "customername", "contact", "contactname"),
    "external_id": ("externalid", "id", "customerid", "userid", "customernumber", "kundennummer", "ref", "reference"),
    "location": ("location", "locationid", "place", "store", "branch", "site", "filiale", "standort"),
    "company": ("company", "organisation", "organization", "firma", "employer", "business"),
    "country_code": ("countrycode", "country", "land", "pays"),
    "time_zone": ("timezone", "tz"),
    "language": ("language", "lang", "locale", "sprache"),
    "opt_out": ("optout", "donotcontact", "unsubscribed", "optedout", "nocontact"),
}  # fmt: skip
_BY_HEADER = {header: field for field, headers in _KNOWN.items() for header in headers}


def guess(headers: Sequence[str]) -> list[str]:
    """A field for each column, each field once; what nobody knows becomes a property, an unnamed column nothing."""
    found: list[str] = []
    for header in headers:
        field = _BY_HEADER.get(re.sub(r"[^a-z]", "", header.lower()), PROPERTY if header.strip() else LEFT_OUT)
        found.append(PROPERTY if field in FIELDS and field in found else field)
    return found


def problem(mapping: Sequence[str]) -> str:
    """Why rows cannot be taken in this way; "" when they can."""
    named = [field for field in mapping if field in FIELDS]
    twice = next((field for field in named if named.count(field) > 1), None)
    if twice:
        return f"Two columns are “{FIELDS[twice]}”. Choose one."
    if not {"email", "mobile_number", "external_id"} & set(named):
        return "Say which column is the e-mail, the mobile number or your own id: without one nobody can be told apart."
    return ""
