"""Campaigns: a list with live figures, a page to build one, the launch with its dry run, and what became of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.base import ConsoleAdmin, ConsoleChangeList
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.domain.actors import Actor
from accounts.domain.roles import May
from campaigns.admin.campaign_forms import Builder
from campaigns.domain import audience, campaigns, dry_run
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.queries import results
from campaigns.models import Campaign
from feedbackhub.errors import HubError

State = Campaign.State
STATE_COLOURS = {
    State.RUNNING.label: "success",
    State.PAUSED.label: "warning",
    State.DRAFT.label: "info",
    State.CANCELLED.label: "danger",
}


def _copy(*, campaign: Campaign, actor: Actor) -> Campaign:
    return campaigns.copy(campaign=campaign, account=campaign.account, actor=actor)


# What a button does, what is said then.
VERBS: dict[str, tuple[Callable[..., Campaign], str]] = {
    "pause": (campaigns.pause, "Paused: nothing more is sent until you resume it."),
    "resume": (campaigns.resume, "It goes on. What waited is sent one after the other."),
    "cancel": (campaigns.cancel, "Cancelled: everybody left it, and nothing scheduled is sent."),
    "copy": (_copy, "This is the copy, a draft."),
}


class CampaignChangeList(ConsoleChangeList):
    """Knows the figures of the page's campaigns: two queries for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        ids = [row.pk for row in self.result_list]
        figures, people = results.figures_of(ids), results.people_of(ids)
        for row in self.result_list:
            row.figures, row.people = figures[row.pk], people[row.pk]


@admin.register(Campaign)
class CampaignAdmin(ConsoleAdmin):
    may_view = May.SEND_REQUESTS
    may_add = may_change = May.SEND_REQUESTS
    empty_hint: ClassVar[str] = (
        "No campaign yet. Add one: an SMS now, an e-mail three days later, and nobody is asked twice."
    )

    list_display = ("name", "told_state", "kind", "under_way", "sent", "answered", "rate", "account")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), ("account", ReachedFilter))
    list_select_related = ("account",)
    search_fields = ("name", "public_id")
    search_help_text = "Search names"
    ordering = ("-created_at", "-id")
    fields = ("account", "name", "kind")

    @column("State", order="state", label=STATE_COLOURS)
    def told_state(self, campaign: Campaign) -> str:
        return campaign.get_state_display()

    @column("Under way")
    def under_way(self, campaign: Any) -> int:
        number: int = campaign.people["active"]
        return number

    @column("Sent")
    def sent(self, campaign: Any) -> int:
        number: int = campaign.figures.sent
        return number

    @column("Answered")
    def answered(self, campaign: Any) -> int:
        number: int = campaign.figures.answered
        return number

    @column("Response rate", empty="-")
    def rate(self, campaign: Any) -> str | None:
        score = campaign.figures.rate
        return None if score.value is None else f"{score.value:.0f} % ({score.low:.0f} to {score.high:.0f})"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConsoleChangeList]:
        return CampaignChangeList

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Campaign:
        fields = campaigns.CampaignFields(name=data["name"], kind=data["kind"])
        return campaigns.create(account=data["account"], fields=fields, actor=self.actor(request))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._to("edit", obj)

    # --- pages ---

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            made: URLPattern = path(f"<path:object_id>/{name}/", wrapped, name=f"campaigns_campaign_{name}")
            return made

        own = [page("edit", self.edit), page("launch", self.launch), page("export", self.export)]
        own += [page(verb, self._verb(verb)) for verb in VERBS]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        campaign = self._campaign(request, object_id)
        more = {
            "steps": queries.steps_of(campaign),
            "results": results.of(campaign=campaign),
            "places": list(campaign.locations.all()),
            "for_whom": audience.describe(campaign) if campaign.audience else "",
            "missing": campaigns.what_is_missing(campaign, account=campaign.account)
            if campaign.state == State.DRAFT
            else [],
        }
        return self._page(request, campaign, "console/campaign.html", more)

    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign = self._campaign(request, object_id, change=True)
        builder = Builder(campaign, request.POST if request.method == "POST" else None)
        if request.method == "POST" and not builder.pressed(request.POST) and builder.is_valid():
            try:
                campaigns.update(
                    campaign=campaign, fields=builder.fields(), steps=builder.drafts(), actor=self.actor(request)
                )
            except HubError as error:
                builder.say(error)
            else:
                self.message_user(request, "Saved. What is scheduled already stays as it is.", messages.SUCCESS)
                return self._to("change", campaign)
        return self._page(request, campaign, "console/campaign_edit.html", {"builder": builder})

    def launch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The dry run; then, confirmed, the launch."""
        campaign = self._campaign(request, object_id, change=True)
        if request.method == "POST":
            try:
                campaigns.launch(campaign=campaign, actor=self.actor(request))
            except HubError as error:
                self.message_user(request, error.message, messages.ERROR)
            else:
                self.message_user(request, "Launched.", messages.SUCCESS)
            return self._to("change", campaign)
        missing = campaigns.what_is_missing(campaign, account=campaign.account)
        more = {"run": dry_run.of(campaign=campaign), "missing": missing}
        return self._page(request, campaign, "console/campaign_launch.html", more)

    def export(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign = self._campaign(request, object_id)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="campaign-{campaign.public_id}.csv"'
        found = results.of(campaign=campaign)
        writer = csv.writer(response)
        writer.writerow(results.HEADINGS)
        writer.writerows(results.lines(found))
        return response

    def _verb(self, verb: str) -> Callable[..., HttpResponse]:
        def do(request: HttpRequest, object_id: str) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            campaign = self._campaign(request, object_id, change=True)
            act, said = VERBS[verb]
            try:
                campaign = act(campaign=campaign, actor=self.actor(request))
            except HubError as error:
                self.message_user(request, error.message, messages.ERROR)
            else:
                self.message_user(request, said, messages.SUCCESS)
            return self._to("change", campaign)

        return do

    def _campaign(self, request: HttpRequest, object_id: str, *, change: bool = False) -> Campaign:
        campaign: Campaign | None = self.get_object(request, object_id)
        if campaign is None:
            raise Http404("There is no such campaign.")
        if change and not self.has_change_permission(request, campaign):
            raise PermissionDenied
        return campaign

    def _page(self, request: HttpRequest, campaign: Campaign, template: str, more: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": campaign.name,
            "opts": self.opts,
            "campaign": campaign,
            "may_change": self.has_change_permission(request, campaign),
            **more,
        }
        return TemplateResponse(request, template, context)

    def _to(self, name: str, campaign: Campaign) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk]))
