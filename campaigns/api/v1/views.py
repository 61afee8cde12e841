"""Campaigns, the people in them, and why a request was sent or not, over the hub's own API."""

from __future__ import annotations

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from campaigns.api.v1 import shapes
from campaigns.domain import campaigns, dry_run, enrolments
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.queries import decisions, requests, results
from campaigns.models import Campaign
from crm.domain.queries import customers, locations
from feedbackhub.api.openapi import describe
from feedbackhub.api.own import pages
from feedbackhub.api.own.pages import Moment, Sort
from feedbackhub.api.own.views import OwnViewSet

SORTS = {"-created_at": Sort(("-created_at", "-id"), (Moment, int))}


class Requests(OwnViewSet):
    """Feedback requests, of campaigns and alone."""

    @describe("Read one request, with why it was sent or was not", answers={200: shapes.RequestObject})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        row = requests.request_for(self.account, id)
        return self.reply(shapes.request_of(row, decisions.of_request(request=row)))


class Campaigns(OwnViewSet):
    """Campaigns."""

    @describe("List campaigns", query=pages.parameters(SORTS), answers={200: shapes.CampaignPage})
    def list(self, request: Request) -> HttpResponse:
        asked = pages.parse(request.query_params, SORTS)
        rows = queries.page(account=self.account, order=asked.sort.columns, after=asked.after, limit=asked.limit + 1)
        return self.reply(asked.page(rows, shapes.campaign_of))

    @describe("Read one campaign with its figures", answers={200: shapes.CampaignDetail})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(self._detail(queries.campaign_for(self.account, id)))

    @describe(
        "Launch, pause, resume or cancel a campaign", body=shapes.CampaignChange, answers={200: shapes.CampaignDetail}
    )
    def change(self, request: Request, id: str) -> HttpResponse:
        campaign = queries.campaign_for(self.account, id)
        wanted = self.taken(shapes.CampaignChange)
        moved = campaigns.move(campaign=campaign, state=wanted.state, actor=self.actor)
        return self.reply(self._detail(moved))

    @describe("Try a campaign without sending", answers={200: shapes.DryRunObject})
    def dry_run(self, request: Request, id: str) -> HttpResponse:
        campaign = queries.campaign_for(self.account, id)
        return self.reply(shapes.dry_run_of(dry_run.of(campaign=campaign)))

    def _detail(self, campaign: Campaign) -> shapes.CampaignDetail:
        return shapes.detail_of(campaign, queries.steps_of(campaign), results.of(campaign=campaign))


class Enrolments(OwnViewSet):
    """People entering a campaign. Somebody who is in it stays as they are, so a repeated call changes nothing."""

    @describe("Let a customer enter a campaign", body=shapes.EnrolmentDraft, answers={200: shapes.EnrolmentObject})
    def create(self, request: Request) -> HttpResponse:
        draft = self.taken(shapes.EnrolmentDraft)
        place = None if draft.location is UNSET else str(draft.location)
        made = enrolments.enrol(
            campaign=queries.reference(self.account, draft.campaign, field="campaign"),
            customer=customers.reference(self.account, draft.customer, field="customer"),
            location=locations.active(self.account, [place], field="location")[0] if place is not None else None,
            actor=self.actor,
        )
        return self.reply(shapes.enrolment_of(made))
