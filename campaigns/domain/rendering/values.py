"""What a template may read: a fixed list of plain strings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from campaigns.domain import links
from campaigns.models import FeedbackRequest, Message

PERSONAL_LENGTH = 64

# Names that a customer's own words go into; a sample of each, to try a template when it is saved.
SAMPLE: dict[str, dict[str, str] | str] = {
    "customer": {"fname": "Maria", "sname": "Example", "name": "Maria Example"},
    "location": {"name": "Main Street", "address": "1 Main Street, Springfield", "postal_code": "12345"},
    "account": {"name": "Example & Co", "postal_address": "1 Main Street, Springfield"},
    "link": "https://hub.example.com/f/0123456789abcdefghijklmn",
    "unsubscribe_link": "https://hub.example.com/u/0123456789abcdefghijklmn",
}

_ADDRESS = re.compile(r"\S+@\S+|\b[a-z][a-z0-9+.-]{0,20}:/{0,2}\S+|\bwww\.\S+", re.IGNORECASE)
# Mail programs turn `evil.example` into a link by themselves; `St. John` with a blank stays a name.
_DOMAIN_DOT = re.compile(r"(?<=\w)[.\u3002](?=\w{2})")
_PHONE = re.compile(r"[+(]?\d(?:[\s().\-/]{0,3}\d){5,}")


def names() -> frozenset[str]:
    """The dotted names, such as `customer.fname`."""
    found = set()
    for name, value in SAMPLE.items():
        found |= {f"{name}.{inner}" for inner in value} if isinstance(value, dict) else {name}
    return frozenset(found)


def personal(text: str | None) -> str:
    """A customer's own text as our mail may repeat it: one line, 64 characters, no address, link or phone number.

    Somebody who signs up as `Win at evil.example` must not get our mails to say so.
    """
    plain = unicodedata.normalize("NFKC", (text or "")[:500])
    plain = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in plain)
    plain = _PHONE.sub(" ", _ADDRESS.sub(" ", plain))
    plain = _DOMAIN_DOT.sub(". ", plain)
    plain = plain.translate({ord(char): None for char in "@<>{}[]|\\^`"})
    return " ".join(plain.split())[:PERSONAL_LENGTH].strip()


def one_line(text: str) -> str:
    """Without CR, LF, NUL and their kin, Unicode's too: fit for a header."""
    return " ".join("".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text).split())


@dataclass(frozen=True)
class Values:
    """`as_liquid` holds exactly the names of SAMPLE; a test compares them."""

    request: FeedbackRequest
    message: Message

    def as_liquid(self) -> dict[str, dict[str, str] | str]:
        customer, location, account = self.request.customer, self.request.location, self.request.account
        lines = (location.address_line_1, location.address_line_2, location.address_line_3)
        return {
            "customer": {
                "fname": personal(customer.fname),
                "sname": personal(customer.sname),
                "name": personal(customer.full_name),
            },
            "location": {
                "name": location.name,
                "address": ", ".join(line for line in lines if line),
                "postal_code": location.postal_code or "",
            },
            "account": {"name": account.display_name, "postal_address": account.postal_address},
            "link": links.full_url(self.request),
            "unsubscribe_link": links.unsubscribe_url(self.message),
        }
