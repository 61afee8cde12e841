"""Customers as FeedbackAPI writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.db.models import Q

from accounts.models import Account
from crm.domain import countries, phones
from crm.domain.customers import CustomerFields
from crm.domain.queries import customers, locations
from crm.models import Location
from feedbackhub.api.feedbackapi import filters
from feedbackhub.api.feedbackapi.arguments import Argument, Kept, array, boolean, optional, text
from feedbackhub.api.feedbackapi.filters import Filter
from feedbackhub.api.feedbackapi.lists import Listing, Sort
from feedbackhub.api.feedbackapi.shapes import Moment

if TYPE_CHECKING:
    from crm.domain.queries.customers import ListedCustomer

PERSON = ("email", "mobile_number", "fname", "sname", "country_code", "opt_out")

CREATE: dict[str, Argument] = {
    "email": text("The e-mail address. Required when there is no mobile_number.", max_length=254),
    "mobile_number": text("The mobile number in E.164 form. Required when there is no email."),
    "fname": text("First name.", max_length=100),
    "sname": text("Last or family name.", max_length=100),
    "country_code": text("Country of residence, two letters (ISO 3166)."),
    "location": text("Id of the location the customer belongs to.", required=True),
    "opt_out": boolean("Stop (true) or allow again (false) messages to this customer."),
    "location_add": array("Ids of further locations the customer belongs to."),
}
UPDATE: dict[str, Argument] = {
    **optional(CREATE),
    "location_remove": array("Ids of locations the customer no longer belongs to."),
}
KEPT: dict[str, Kept] = {
    "id": Kept("The customer's id."),
    "created": Kept("When the customer was added."),
    "last_sms": Kept("Ignored.", moves=True),
    "last_email": Kept("Ignored.", moves=True),
    "invalid": Kept("As it is now; a corrected address clears it."),
    "locations": Kept("As they are now; change them with location_add and location_remove."),
}

LISTING = Listing(
    filters={
        **filters.span("created", "created_at"),
        "email": Filter(
            lambda account, _, value: customers.with_email(account, value),
            {"type": "string"},
            "The e-mail address, in any case.",
        ),
        "mobile_number": filters.same("mobile_number", "The mobile number in E.164 form.", phones.parse),
        "fname": filters.same("fname_lower", "First name, in any case.", str.lower),
        "sname": filters.same("sname_lower", "Last or family name, in any case.", str.lower),
        "country_code": filters.same("country_code", "Country of residence, two letters.", countries.parse),
        "invalid": filters.flag(lambda _: Q(undeliverable=True), "Whether an address bounced or failed."),
        "opt_out": filters.flag(lambda _: Q(opted_out=True), "Whether the customer is opted out."),
    },
    sorts={
        "created": Sort("created_at"),
        "email": Sort("email_lower", nullable=True),
        "mobile_number": Sort("mobile_number", nullable=True),
        "fname": Sort("fname_lower", nullable=True, then="created_at"),
        "sname": Sort("sname_lower", nullable=True, then="created_at"),
        "country_code": Sort("country_code", nullable=True, then="created_at"),
        "last_sms": Sort("last_sms_at", nullable=True),
        "last_email": Sort("last_email_at", nullable=True),
    },
)


class CustomerObject(TypedDict):
    """A customer."""

    id: str
    created: Moment
    email: str | None
    mobile_number: str | None
    fname: str | None
    sname: str | None
    last_sms: Moment | None
    last_email: Moment | None
    country_code: str | None
    invalid: bool
    opt_out: bool
    locations: list[str]


@dataclass(frozen=True)
class CustomerArguments:
    """A create or an update, its ids already rows of the account."""

    fields: CustomerFields
    locations_add: list[Location]
    locations_remove: list[Location]


def parse_customer(account: Account, values: dict[str, Any]) -> CustomerArguments:
    """BadReference for a location that is not an active one of the account."""
    fields = cast(CustomerFields, {name: values[name] for name in PERSON if name in values})
    first = [values["location"]] if values.get("location") else []
    added = locations.active(account, first, field="location")
    added += locations.active(account, values.get("location_add", []), field="location_add")
    removed = locations.known(account, values.get("location_remove", []), field="location_remove")
    return CustomerArguments(fields, added, removed)


def render_customer(customer: ListedCustomer) -> CustomerObject:
    return {
        "id": customer.public_id,
        "created": customer.created_at,
        "email": customer.email,
        "mobile_number": customer.mobile_number,
        "fname": customer.fname,
        "sname": customer.sname,
        "last_sms": customer.last_sms_at,
        "last_email": customer.last_email_at,
        "country_code": customer.country_code,
        "invalid": customer.undeliverable,
        "opt_out": customer.opted_out,
        "locations": [link.location.public_id for link in customer.links],
    }
