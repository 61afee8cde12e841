"""E-mail addresses as they are stored and compared."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from feedbackhub.errors import Invalid


def parse(email: str, *, field: str = "email") -> str:
    """The address as written, its domain in ASCII lower case: then comparing lower-cased is comparing addresses."""
    written = email.strip()
    local, _, domain = written.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    address = f"{local}@{ascii_domain}"
    try:
        if len(address) > 254 or not local.isascii():
            raise ValidationError("too long or not ASCII")
        validate_email(address)
    except ValidationError:
        raise Invalid("Give one e-mail address such as jane@example.com.", field=field) from None
    return address
