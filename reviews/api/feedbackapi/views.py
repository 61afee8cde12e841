"""The locations and reviews nouns. Locations are served here because creating one writes its review profiles."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from crm.domain import locations
from crm.domain.queries import locations as location_queries
from feedbackhub.api.feedbackapi import documentation
from feedbackhub.api.feedbackapi.views import FeedbackAPIViewSet
from reviews.api.feedbackapi import wire
from reviews.domain import profiles
from reviews.domain.queries import reviews as review_queries


class LocationViewSet(FeedbackAPIViewSet):
    @documentation.lists("locations", wire.LocationObject, wire.LOCATIONS)
    def list(self, request: Request) -> HttpResponse:
        rows = location_queries.searchable(location_queries.locations_of(self.account))
        return self.listed(wire.LOCATIONS, rows, wire.render_location)

    @documentation.creates("locations", wire.LocationObject, wire.CREATE)
    def create(self, request: Request) -> HttpResponse:
        values = self.arguments(wire.CREATE)
        location = profiles.create_location(
            account=self.account,
            fields=wire.location_fields(values),
            review_profiles=values.get("review_profile", []),
            actor=self.actor,
        )
        return self.reply(wire.render_location(location))

    @documentation.retrieves("locations", wire.LocationObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_location(location_queries.location_for(self.account, id)))

    @documentation.updates("locations", wire.LocationObject, wire.UPDATE, wire.KEPT)
    def update(self, request: Request, id: str) -> HttpResponse:
        location = location_queries.location_for(self.account, id)
        values = self.arguments(wire.UPDATE, wire.KEPT, lambda: wire.render_location(location))
        location = profiles.update_location(
            location=location,
            fields=wire.location_fields(values),
            review_profiles=values.get("review_profile", []),
            actor=self.actor,
        )
        return self.reply(wire.render_location(location))

    @documentation.deletes("locations")
    def destroy(self, request: Request, id: str) -> HttpResponse:
        locations.delete(location=location_queries.location_for(self.account, id), actor=self.actor)
        return self.deleted(id)


class ReviewViewSet(FeedbackAPIViewSet):
    @documentation.lists("reviews", wire.ReviewObject, wire.REVIEWS)
    def list(self, request: Request) -> HttpResponse:
        rows = review_queries.reviews_of(self.account)
        return self.listed(wire.REVIEWS, rows, wire.render_review, review_queries.shown)

    @documentation.retrieves("reviews", wire.ReviewObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_review(review_queries.review_for(self.account, id)))
