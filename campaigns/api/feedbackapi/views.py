"""The feedback-request and feedback nouns."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from campaigns.api.feedbackapi import wire
from campaigns.domain import requests
from campaigns.domain.queries import requests as queries
from crm.domain.queries import customers, locations
from feedback.domain.queries import responses
from feedbackhub.api.feedbackapi import documentation
from feedbackhub.api.feedbackapi.views import FeedbackAPIViewSet


class FeedbackRequestViewSet(FeedbackAPIViewSet):
    spelling = {"customer": "subscriber"}

    @documentation.lists("feedback requests", wire.FeedbackRequestObject, wire.REQUESTS)
    def list(self, request: Request) -> HttpResponse:
        alone = queries.alone(queries.requests_of(self.account))
        return self.listed(wire.REQUESTS, alone, wire.render_request, queries.shown)

    @documentation.creates("feedback requests", wire.FeedbackRequestObject, wire.CREATE)
    def create(self, request: Request) -> HttpResponse:
        values = self.arguments(wire.CREATE)
        place = values.get("location")
        made = requests.create(
            account=self.account,
            customer=customers.reference(self.account, values["subscriber"], field="subscriber"),
            template=queries.template_reference(self.account, values["template"], field="template"),
            location=locations.active(self.account, [place], field="location")[0] if place else None,
            due=values.get("due"),
            suppress_message=values.get("suppress_message", False),
            actor=self.actor,
        )
        return self.reply(wire.render_request(made))

    @documentation.retrieves("feedback requests", wire.FeedbackRequestObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_request(queries.request_for(self.account, id)))


class FeedbackViewSet(FeedbackAPIViewSet):
    @documentation.lists("feedback", wire.FeedbackObject, wire.FEEDBACK)
    def list(self, request: Request) -> HttpResponse:
        rows = responses.responses_of(self.account)
        return self.listed(wire.FEEDBACK, rows, wire.render_feedback, queries.answers_shown)

    @documentation.retrieves("feedback", wire.FeedbackObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_feedback(queries.answer_for(self.account, id)))
