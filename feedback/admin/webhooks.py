"""Webhooks: made with a key that is shown once, tried out, and the log of everything that was sent."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import as_json, as_written, column
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.admin.forms import ConsoleForm
from accounts.domain.roles import May
from feedback.api.hub import wire_webhooks
from feedback.domain.webhooks import again, endpoints, signing
from feedback.domain.webhooks.endpoints import EndpointDraft, IssuedEndpoint
from feedback.models import EventType, WebhookDelivery, WebhookEndpoint
from feedbackhub.errors import HubError

State = WebhookDelivery.State
COLOURS = {
    State.WAITING.label: "info",
    State.DELIVERED.label: "success",
    State.FAILED.label: "danger",
    State.CANCELLED.label: "warning",
}


class WebhookForm(ConsoleForm):
    event_types = forms.MultipleChoiceField(
        required=False,
        choices=EventType.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None ticked: it is told of everything.",
    )


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ConsoleAdmin):
    may_view = may_add = may_change = may_delete = May.MANAGE_WEBHOOKS
    empty_hint: ClassVar[str] = "No webhook yet. A webhook is an address of yours that is told what happens here."
    labels: ClassVar[dict[str, str]] = {"url": "Address", "tenant_id": "Tenant"}
    hints: ClassVar[dict[str, str]] = {
        "tenant_id": "It is told of this tenant's events: the tenant_id that records are sent with.",
        "enabled": "Off: it hears of nothing, and what waits for it is cancelled.",
    }

    form = WebhookForm
    list_display = ("url", "tenant_id", "state", "told_types", "account", "created_at")
    list_filter = (("account", ReachedFilter), "enabled")
    list_select_related = ("account",)
    search_fields = ("url", "tenant_id__exact")
    search_help_text = "Search addresses, and tenants (whole)"
    ordering = ("-created_at", "id")
    change_form_outer_before_template = "console/webhook_actions.html"

    @column("State", label={"On": "success", "Off": "info", "Switched off by the hub": "danger"})
    def state(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.enabled:
            return "On"
        return "Switched off by the hub" if endpoint.disabled_reason else "Off"

    @column("Is told of")
    def told_types(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.event_types) or "everything"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = ("account", "tenant_id", "url", "event_types", "enabled")
        if obj is None:
            return own
        why = ("disabled_reason", "disabled_at") if obj.disabled_reason else ()
        return (*own, *why, "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        told = ("disabled_reason", "disabled_at", "created_at", "updated_at")
        return (*super().get_readonly_fields(request, obj), *told)

    def get_urls(self) -> list[URLPattern]:
        verbs = {"ping": self.ping, "resend": self.resend, "new-key": self.new_key}
        own: list[URLPattern] = [
            path(
                f"<uuid:pk>/{name}/",
                self.admin_site.admin_view(verb),
                name=f"feedback_webhookendpoint_{name.replace('-', '_')}",
            )
            for name, verb in verbs.items()
        ]
        return [*own, *super().get_urls()]

    # --- what the forms and buttons do ---

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> WebhookEndpoint:
        draft = EndpointDraft(
            tenant_id=data["tenant_id"], url=data["url"], event_types=data["event_types"], enabled=data["enabled"]
        )
        issued = endpoints.create(account=data["account"], draft=draft, actor=self.actor(request))
        # For response_add, which shows the key.
        request._issued = issued  # type: ignore[attr-defined]
        return issued.endpoint

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        endpoints.change(account=obj.account, id=obj.pk, changes=changed, actor=self.actor(request))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        endpoints.delete(account=obj.account, id=obj.pk, actor=self.actor(request))
        return True

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_once(request, request._issued)  # type: ignore[attr-defined]

    def ping(self, request: HttpRequest, pk: Any) -> HttpResponse:
        endpoint = self._endpoint(request, pk)
        try:
            delivery = again.ping(endpoint=endpoint, actor=self.actor(request))
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:feedback_webhookendpoint_change", args=[pk]))
        self.message_user(request, "A test is on its way. Reload this page to see what came of it.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:feedback_webhookdelivery_change", args=[delivery.pk]))

    def resend(self, request: HttpRequest, pk: Any) -> HttpResponse:
        endpoint = self._endpoint(request, pk)
        try:
            number = again.replay_undelivered(endpoint=endpoint, actor=self.actor(request))
            self.message_user(request, f"{number} deliveries are sent again.", messages.SUCCESS)
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:feedback_webhookendpoint_change", args=[pk]))

    def new_key(self, request: HttpRequest, pk: Any) -> HttpResponse:
        endpoint, key = self._endpoint(request, pk), signing.new_key()
        changed = endpoints.change(
            account=endpoint.account, id=endpoint.pk, changes={"signing_key": key}, actor=self.actor(request)
        )
        return self._show_once(request, IssuedEndpoint(changed, key))

    def _endpoint(self, request: HttpRequest, pk: Any) -> WebhookEndpoint:
        if request.method != "POST":
            raise Http404
        endpoint: WebhookEndpoint | None = self.get_object(request, str(pk))
        if endpoint is None:
            raise Http404
        if not self._may(request, May.MANAGE_WEBHOOKS, endpoint):
            raise PermissionDenied
        return endpoint

    def _show_once(self, request: HttpRequest, issued: IssuedEndpoint) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Copy the key now",
            "opts": self.opts,
            "endpoint": issued.endpoint,
            "secret": issued.signing_key,
        }
        return TemplateResponse(request, "console/webhook_secret.html", context)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ConsoleAdmin):
    """The log. Nothing is edited; what is settled can be sent again."""

    may_view = May.MANAGE_WEBHOOKS
    empty_hint = "Nothing was sent yet. Deliveries are made when something happens that a webhook asked for."

    list_display = ("type", "endpoint", "told_state", "last_status", "attempts", "due_at", "finished_at", "created_at")
    list_filter = (("state", ChoicesDropdownFilter), ("endpoint", ReachedFilter), ("created_at", DaysFilter))
    list_select_related = ("account", "endpoint", "event")
    search_fields = ("event__id__exact",)
    search_help_text = "Search ids of events (whole), the webhook-id that receivers saw"
    ordering = ("-id",)
    actions = ("send_again",)
    change_form_outer_before_template = "console/delivery_actions.html"

    @column("Event")
    def type(self, delivery: WebhookDelivery) -> str:
        return delivery.event.type

    @column("State", label=COLOURS, order="state")
    def told_state(self, delivery: WebhookDelivery) -> str:
        return delivery.get_state_display()

    @column("Body")
    def body(self, delivery: WebhookDelivery) -> str:
        return as_json(json.loads(wire_webhooks.body_of(delivery.event)))

    @column("Tries, the newest first")
    def told_tries(self, delivery: WebhookDelivery) -> str:
        return as_written("\n".join(_line(each) for each in reversed(delivery.tries)) or "not tried yet")

    @column("Event id")
    def event_key(self, delivery: WebhookDelivery) -> str:
        return str(delivery.event_id)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        when = ("attempts", "due_at") if obj and obj.state == State.WAITING else ("attempts", "finished_at")
        return ("type", "endpoint", "told_state", "last_status", *when, "created_at", "event_key", "told_tries", "body")

    def has_send_permission(self, request: HttpRequest) -> bool:
        return self._may(request, May.MANAGE_WEBHOOKS)

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        for delivery in queryset.select_related("account"):
            again.replay(account=delivery.account, id=delivery.pk, actor=self.actor(request))
        self.message_user(request, f"{len(queryset)} deliveries are sent again.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay)
        return [path("<int:pk>/replay/", view, name="feedback_webhookdelivery_replay"), *super().get_urls()]

    def replay(self, request: HttpRequest, pk: int) -> HttpResponse:
        delivery: WebhookDelivery | None = self.get_object(request, str(pk)) if request.method == "POST" else None
        if delivery is None:
            raise Http404
        if not self._may(request, May.MANAGE_WEBHOOKS, delivery):
            raise PermissionDenied
        try:
            again.replay(account=delivery.account, id=pk, actor=self.actor(request))
            self.message_user(request, "It is sent again.", messages.SUCCESS)
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:feedback_webhookdelivery_change", args=[pk]))


def _line(tried: dict[str, Any]) -> str:
    at = tried["at"][:19].replace("T", " ")
    if "by" in tried:
        return f"{at}  asked for again by {tried['by']}"
    answer = " ".join(str(tried[name]) for name in ("status", "error", "said") if name in tried)
    return f"{at}  {answer} ({tried['seconds']} s)"
