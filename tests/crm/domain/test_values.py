"""Countries, e-mail addresses, names and zones."""

from __future__ import annotations

import phonenumbers
import pytest

from accounts.models import Account
from crm.domain import countries, emails, texts, time_zones
from crm.models import Customer, Location
from feedbackhub.errors import Invalid


def test_countries_are_iso_codes_in_capitals() -> None:
    assert countries.parse(" us ") == "US"
    assert len(countries.CODES) == 250


@pytest.mark.parametrize("code", ["", "U", "USA", "ZZ", "UK", "ÜS"])
def test_other_codes_are_refused(code: str) -> None:
    with pytest.raises(Invalid):
        countries.parse(code)


def test_every_country_with_telephones_is_known() -> None:
    # AC and TA (Ascension, Tristan da Cunha) have prefixes but belong to SH.
    assert phonenumbers.SUPPORTED_REGIONS - {"AC", "TA"} <= countries.CODES


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (" Jane.Doe@Example.COM ", "Jane.Doe@example.com"),
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),
        ("jane+tag@example.co.uk", "jane+tag@example.co.uk"),
    ],
)
def test_emails_keep_their_local_part_as_written(written: str, stored: str) -> None:
    assert emails.parse(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "jane",
        "@example.com",
        "jane@",
        "jane@example",
        "a b@example.com",
        "jäne@example.com",
        "a@b.example\nBcc: c@d.example",
        f"{'x' * 250}@example.com",
        "a@example.com, b@example.com",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        emails.parse(written)


def test_names_are_one_line_that_fits() -> None:
    assert texts.fit(Customer, "fname", "  Jane ") == "Jane"
    assert texts.fit(Customer, "fname", "  ") is None
    assert texts.fit(Customer, "fname", "x" * 100) == "x" * 100
    for wrong in ("x" * 101, "a\nb", "a\u2028b", "a\x7fb"):
        with pytest.raises(Invalid):
            texts.fit(Customer, "fname", wrong)


def test_the_persons_own_zone_wins_then_the_locations_then_the_prefix() -> None:
    account = Account(time_zone="Europe/Vienna")
    location = Location(time_zone="America/Chicago")
    customer = Customer(account=account, mobile_number="+18135550123", time_zone="Asia/Tokyo")
    assert time_zones.candidates(customer=customer, location=location) == ("Asia/Tokyo",)
    customer.time_zone = ""
    assert time_zones.candidates(customer=customer, location=location) == ("America/Chicago",)
    assert time_zones.candidates(customer=customer) == ("America/New_York",)
    customer.mobile_number = None
    assert time_zones.candidates(customer=customer) == ("Europe/Vienna",)


def test_a_zone_must_exist() -> None:
    assert time_zones.parse(" Europe/Vienna ") == "Europe/Vienna"
    assert time_zones.parse("") == ""
    with pytest.raises(Invalid):
        time_zones.parse("Europe/Atlantis")
