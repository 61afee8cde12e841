"""Phone numbers: stored as E.164, judged before anything is sent."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from feedbackhub.errors import Invalid

E164 = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
_WRITTEN = re.compile(r"\+?\(?[0-9][0-9 ().\-/]*", re.ASCII)
_PREMIUM = frozenset(
    {
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.PAGER,
    }
)
_HELP = "Write the number in E.164 form: + and 8 to 15 digits with the country code, such as +18135550123."


def parse(number: str, country: str | None = None, *, field: str = "mobile_number") -> str:
    """The number in E.164 form; without a leading + it is read as dialled in `country`.

    Any + and 8 to 15 digits is stored, also what the numbering plan calls impossible (the samples of the FeedbackAPI
    contract are such numbers): whether it can be sent to is `is_sendable`'s to say.
    """
    written = _plain(number)
    if not _WRITTEN.fullmatch(written):
        raise Invalid(_HELP, field=field)
    if not written.startswith(("+", "00")) and not country:
        raise Invalid(f"{_HELP} Without the + a country_code is needed to read it.", field=field)
    found = _international(written) if written.startswith("+") else _dialled(written, country)
    if found is None or not E164.fullmatch(found):
        raise Invalid(_HELP, field=field)
    return found


def is_sendable(number: str) -> bool:
    """Whether the numbering plan knows numbers of this shape at all."""
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return False


def block(number: str) -> str:
    """The thousand numbers around it: all but the last three digits. "+0" for what is no number in E.164 form."""
    return number[:-3] if E164.fullmatch(number) else "+0"


def region(number: str) -> str:
    """The country that a number in E.164 form belongs to; "" when none or several do."""
    try:
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "")
    except phonenumbers.NumberParseException:
        return ""


def is_premium(number: str) -> bool:
    """Whether writing to it earns its owner money: those who make us send to such numbers live on it."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in _PREMIUM
    except phonenumbers.NumberParseException:
        return False


def time_zones(number: str) -> tuple[str, ...]:
    """Every zone the number's prefix is used in; empty when the prefix says nothing."""
    try:
        zones: tuple[str, ...] = time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in zones if zone != "Etc/Unknown")


def _plain(number: str) -> str:
    """ASCII digits, plain hyphens and blanks, whatever keyboard it was written on."""
    text = unicodedata.normalize("NFKC", number).strip()
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"[\s\u200b-\u200f\u202a-\u202e]+", " ", text)).strip()


def _international(written: str) -> str | None:
    digits = "+" + re.sub(r"[^0-9]", "", written)
    try:
        parsed = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return digits
    # Formatting drops a trunk zero, as in +44 (0)7810; only a number the plan knows is safe to touch.
    return _format(parsed) if phonenumbers.is_possible_number(parsed) else digits


def _dialled(written: str, country: str | None) -> str | None:
    if written.startswith("00"):
        return _international("+" + written[2:].lstrip())
    try:
        return _format(phonenumbers.parse(written, country))
    except phonenumbers.NumberParseException:
        return None


def _format(parsed: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
