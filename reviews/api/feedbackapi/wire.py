"""Locations and reviews as FeedbackAPI writes them."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from django.db.models.functions import Lower

from accounts.models import Account
from crm.domain import countries
from crm.domain.locations import LocationFields
from crm.domain.queries import locations
from crm.models import Location
from feedbackhub.api.feedbackapi import filters
from feedbackhub.api.feedbackapi.arguments import Argument, Kept, array, optional, text
from feedbackhub.api.feedbackapi.lists import Listing, Sort
from feedbackhub.api.feedbackapi.shapes import Moment
from reviews.domain.queries import reviews
from reviews.models import Platform, Review

ADDRESS = ("address_line_1", "address_line_2", "address_line_3", "postal_code", "country_code")

CREATE: dict[str, Argument] = {
    "name": text("The location's name.", required=True, max_length=200),
    "address_line_1": text("First address line.", max_length=200),
    "address_line_2": text("Second address line.", max_length=200),
    "address_line_3": text("State or third address line.", max_length=200),
    "postal_code": text("Zip code or postcode.", max_length=20),
    "country_code": text("Country, two letters (ISO 3166).", required=True),
    "review_profile": array("Addresses of the location's pages on review sites; http or https."),
}
UPDATE = optional(CREATE)
KEPT = {"id": Kept("The location's id."), "created": Kept("When the location was added.")}

LOCATIONS = Listing(
    filters={
        **filters.span("created", "created_at"),
        "name": filters.same("name_lower", "The location's name, in any case.", str.lower),
        "postal_code": filters.same("postal_code__iexact", "Zip code or postcode."),
        "country_code": filters.same("country_code", "Country, two letters.", countries.parse),
    },
    sorts={
        "created": Sort("created_at"),
        "name": Sort(Lower("name")),
        **{name: Sort(name, nullable=True) for name in ADDRESS},
    },
    default="name-asc",
)


def location_fields(values: dict[str, Any]) -> LocationFields:
    return cast(LocationFields, {name: values[name] for name in ("name", *ADDRESS) if name in values})


class LocationObject(TypedDict):
    """A location."""

    id: str
    created: Moment
    name: str
    address_line_1: str | None
    address_line_2: str | None
    address_line_3: str | None
    postal_code: str | None
    country_code: str


def render_location(location: Location) -> LocationObject:
    return {
        "id": location.public_id,
        "created": location.created_at,
        "name": location.name,
        "address_line_1": location.address_line_1,
        "address_line_2": location.address_line_2,
        "address_line_3": location.address_line_3,
        "postal_code": location.postal_code,
        "country_code": location.country_code,
    }


def _location(account: Account, id: str, name: str) -> Location:
    return locations.known(account, [id], field=name)[0]


def _platform(account: Account, id: str, name: str) -> Platform:
    return reviews.platform_reference(account, id, field=name)


REVIEWS = Listing(
    filters={
        **filters.span("created", "reviewed_at"),
        "location": filters.reference("location", _location, "Id of the location."),
        "platform": filters.reference("platform", _platform, "Id of the review platform."),
        "rating_less_than": filters.number("rating_of_five__lte", 0, 5, "Rating out of 5 not above this."),
        "rating_greater_than": filters.number("rating_of_five__gte", 0, 5, "Rating out of 5 not below this."),
    },
    sorts={
        "created": Sort("reviewed_at"),
        "rating": Sort("rating_of_five", nullable=True),
        "title": Sort("title", nullable=True),
        "platform_name": Sort("platform__name"),
        "reviewer_name": Sort("reviewer_name", nullable=True),
    },
)


class ReviewObject(TypedDict):
    """A review; `rating` is out of 5."""

    id: str
    created: Moment
    title: str | None
    description: str | None
    location: str
    platform: str
    platform_name: str
    rating: float | None
    url: str | None
    reviewer_name: str | None
    reviewer_image: str | None
    reviewer_url: str | None


def render_review(review: Review) -> ReviewObject:
    return {
        "id": review.public_id,
        "created": review.reviewed_at,
        "title": review.title,
        "description": review.description,
        "location": review.location.public_id,
        "platform": review.platform.public_id,
        "platform_name": review.platform.name,
        "rating": _number(review.rating_of_five),
        "url": review.url,
        "reviewer_name": review.reviewer_name,
        "reviewer_image": review.reviewer_image,
        "reviewer_url": review.reviewer_url,
    }


def _number(rating: float | None) -> float | int | None:
    """The samples write 5 and 4.5."""
    if rating is None:
        return None
    rounded = round(rating, 2)
    return int(rounded) if rounded.is_integer() else rounded
