"""Who a one-off campaign is for: a filter over the account's customers, or a list of them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import Account
from campaigns.models import Campaign
from crm.domain.queries.customers import customers_of
from crm.models import Customer, CustomerLocation
from feedbackhub.errors import Invalid

LONGEST_LIST = 5_000
FIELDS = ("kind", "country_code", "language", "added_from", "added_to", "not_asked_for_days", "people")


@dataclass(frozen=True)
class Audience:
    """`kind` is "filter", where blank says nothing, or "list": public ids, e-mail addresses or mobile numbers."""

    kind: str = "filter"
    country_code: str = ""
    language: str = ""
    added_from: str = ""
    added_to: str = ""
    not_asked_for_days: int = 0
    people: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value or name == "kind"}


def parse(given: dict[str, Any]) -> Audience:
    """Raises Invalid naming the field, all below `audience`."""
    unknown = set(given) - set(FIELDS)
    if unknown:
        said = ", ".join(sorted(map(str, unknown)))[:100]
        raise Invalid(f"Unknown: {said}. There are: {', '.join(FIELDS)}.", field="audience")
    kind = given.get("kind") or "filter"
    if kind not in ("filter", "list"):
        raise Invalid("Its kind is filter or list.", field="audience")
    people = _people(given.get("people") or [])
    if kind == "list" and not people:
        raise Invalid("Name at least one person: an id, an e-mail address or a mobile number each.", field="audience")
    days = given.get("not_asked_for_days") or 0
    if type(days) is not int or not 0 <= days <= 3650:
        raise Invalid("not_asked_for_days is a whole number from 0 to 3650.", field="audience")
    return Audience(
        kind=str(kind),
        country_code=_text(given, "country_code", 2).upper(),
        language=_text(given, "language", 10),
        added_from=_day(given, "added_from"),
        added_to=_day(given, "added_to"),
        not_asked_for_days=days,
        people=people if kind == "list" else (),
    )


def _people(given: Any) -> tuple[str, ...]:
    if isinstance(given, str):
        given = re.split(r"[\s,;]+", given)
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) and len(each) <= 254 for each in given):
        raise Invalid("people is a list of texts.", field="audience")
    people = tuple(dict.fromkeys(each.strip() for each in given if each.strip()))
    if len(people) > LONGEST_LIST:
        raise Invalid(f"At most {LONGEST_LIST} people in a list; use a filter for more.", field="audience")
    return people


def _text(given: dict[str, Any], name: str, longest: int) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str) or len(value.strip()) > longest:
        raise Invalid(f"{name} is a text of at most {longest} characters.", field="audience")
    return value.strip()


def _day(given: dict[str, Any], name: str) -> str:
    value = given.get(name) or ""
    try:
        day = parse_date(value) if isinstance(value, str) and value else None
    except ValueError:
        day = None
    if value and day is None:
        raise Invalid(f"{name} is a date such as 2026-03-31.", field="audience")
    return day.isoformat() if day else ""


def people_of(campaign: Campaign) -> QuerySet[Customer]:
    """The customers it is for, at its locations, in no order."""
    audience = parse(campaign.audience)
    rows: QuerySet[Customer] = customers_of(campaign.account)
    rows = rows.filter(_listed(campaign.account, audience)) if audience.kind == "list" else _filtered(rows, audience)
    links = CustomerLocation.objects.filter(location__account=campaign.account_id, location__deleted_at=None)
    if places := [location.pk for location in campaign.locations.all()]:
        links = links.filter(location__in=places)
    return rows.filter(pk__in=links.values("customer"))


def _listed(account: Account, audience: Audience) -> Q:
    rows = customers_of(account).alias(address=Lower("email"))
    lower = [each.lower() for each in audience.people]
    named = Q(public_id__in=audience.people) | Q(address__in=lower) | Q(mobile_number__in=audience.people)
    return Q(pk__in=rows.filter(named).values("pk"))


def _filtered(rows: QuerySet[Customer], audience: Audience) -> QuerySet[Customer]:
    if audience.country_code:
        rows = rows.filter(country_code=audience.country_code)
    if audience.language:
        rows = rows.filter(language=audience.language)
    if audience.added_from:
        rows = rows.filter(created_at__date__gte=date.fromisoformat(audience.added_from))
    if audience.added_to:
        rows = rows.filter(created_at__date__lte=date.fromisoformat(audience.added_to))
    if audience.not_asked_for_days:
        since = timezone.now() - timedelta(days=audience.not_asked_for_days)
        rows = rows.exclude(feedback_requests__created_at__gte=since)
    return rows


def describe(campaign: Campaign) -> str:
    """In words, for a page."""
    audience = parse(campaign.audience)
    if audience.kind == "list":
        return f"A list of {len(audience.people)} people"
    said = [
        f"in {audience.country_code}" if audience.country_code else "",
        f"reading {audience.language}" if audience.language else "",
        f"added from {audience.added_from}" if audience.added_from else "",
        f"added until {audience.added_to}" if audience.added_to else "",
        f"not asked for {audience.not_asked_for_days} days" if audience.not_asked_for_days else "",
    ]
    return " ".join(["Customers", ", ".join(each for each in said if each) or "without exception"])
