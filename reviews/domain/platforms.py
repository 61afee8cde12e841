"""Recognising the review site that an address belongs to."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from feedbackhub.errors import Invalid
from reviews.models import Platform

# Sites with one host, and hosts that mean something else than their domain; the longest match counts.
_HOSTS = {
    "airbnb.com": "Airbnb",
    "apps.apple.com": "App Store",
    "maps.apple.com": "Apple Maps",
    "avvo.com": "Avvo",
    "bbb.org": "Better Business Bureau",
    "capterra.com": "Capterra",
    "checkatrade.com": "Checkatrade",
    "dealerrater.com": "DealerRater",
    "facebook.com": "Facebook",
    "fb.com": "Facebook",
    "fb.me": "Facebook",
    "feefo.com": "Feefo",
    "foursquare.com": "Foursquare",
    "g.page": "Google",
    "g.co": "Google",
    "goo.gl": "Google",
    "play.google.com": "Google Play",
    "g2.com": "G2",
    "healthgrades.com": "Healthgrades",
    "hotels.com": "Hotels.com",
    "houzz.com": "Houzz",
    "linkedin.com": "LinkedIn",
    "provenexpert.com": "ProvenExpert",
    "reviews.io": "Reviews.io",
    "tripadvisor.com": "Tripadvisor",
    "trustpilot.com": "Trustpilot",
    "trustradius.com": "TrustRadius",
    "yell.com": "Yell",
    "zillow.com": "Zillow",
    "zocdoc.com": "Zocdoc",
}
# Sites with a domain per country: google.de, tripadvisor.co.uk.
_NAMES = {
    "amazon": "Amazon",
    "booking": "Booking.com",
    "expedia": "Expedia",
    "glassdoor": "Glassdoor",
    "google": "Google",
    "holidaycheck": "HolidayCheck",
    "indeed": "Indeed",
    "opentable": "OpenTable",
    "thefork": "TheFork",
    "tripadvisor": "Tripadvisor",
    "trustpilot": "Trustpilot",
    "yelp": "Yelp",
}
_BY_COUNTRY = re.compile(rf"(?:.+\.)?({'|'.join(_NAMES)})\.(?:com|[a-z]{{2}}|(?:com|co)\.[a-z]{{2}})")
_valid_url = URLValidator(schemes=["http", "https"])


class Page(NamedTuple):
    """An address that was read, and the site it is on."""

    url: str
    platform: Platform


def recognise(url: str, *, field: str = "review_profile") -> Page:
    """The site of a page: one we know by its host, else one named like the host. Invalid unless http or https."""
    written = url.strip()
    host = _host(written, field)
    name = _name(host)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") if name else host
    platform, _ = Platform.objects.get_or_create(slug=slug[:100], defaults={"name": (name or host)[:100]})
    return Page(written, platform)


def _host(url: str, field: str) -> str:
    try:
        _valid_url(url)
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii").lower().rstrip(".")
    except (ValidationError, ValueError):
        host = ""
    if not host or len(url) > 2048:
        raise Invalid("Give the address of a review page, starting with http:// or https://.", field=field)
    if parts.username is not None or parts.password is not None:
        raise Invalid("The address of a review page must not hold a user name or password.", field=field)
    return host.removeprefix("www.")


def _name(host: str) -> str | None:
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if name := _HOSTS.get(".".join(labels[start:])):
            return name
    found = _BY_COUNTRY.fullmatch(host)
    return _NAMES[found[1]] if found else None
