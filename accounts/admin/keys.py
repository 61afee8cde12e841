"""API keys: made and shown once, rotated, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.admin import scopes
from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.admin.forms import ConsoleForm
from accounts.admin.scopes import ScopeTable
from accounts.domain import keys
from accounts.domain.keys import IssuedKey
from accounts.domain.roles import May
from accounts.models import ApiKey
from feedbackhub.errors import HubError

# How long the old key lives on after a rotation.
DEFAULT_OVERLAP = "24"
OVERLAPS = {"24": "in one day", "1": "in one hour", "168": "in one week", "0": "at once"}


class KeyForm(ConsoleForm):
    scopes = forms.MultipleChoiceField(
        label="It may",
        widget=ScopeTable,
        help_text="A program needs no more than its own API; a key in a web page must not read.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "scopes" in self.fields:
            self.fields["scopes"].choices = [(scope, scope) for scope in sorted(keys.known_scopes())]  # type: ignore[attr-defined]


@admin.register(ApiKey)
class ApiKeyAdmin(ConsoleAdmin):
    may_view = May.MANAGE_KEYS
    may_add = May.MANAGE_KEYS
    empty_hint: ClassVar[str] = "No key yet. Make one for each program that calls the API, so that each can be revoked."

    form = KeyForm
    list_display = ("name", "prefix", "account", "state", "told_scopes", "last_used_at", "expires_at")
    list_filter = (("account", ReachedFilter), "agency")
    list_select_related = ("account",)
    search_fields = ("name", "prefix")
    search_help_text = "Search names and prefixes"
    ordering = ("-created_at", "-id")
    change_form_outer_before_template = "console/key_actions.html"

    @column("State", label={"Works": "success", "Revoked": "danger", "Expired": "warning"})
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "Revoked"
        return "Expired" if key.expires_at and key.expires_at <= timezone.now() else "Works"

    @column("It may")
    def told_scopes(self, key: ApiKey) -> str:
        return scopes.told(key.scopes)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("account", "name", "scopes", "agency", "expires_at")
        told = ("name", "account", "state", "prefix", "told_scopes", "agency", "created_at", "created_by")
        return (*told, "last_used_at", "expires_at", "revoked_at", "rotated_from")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj is not None else ()

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
            path("<int:pk>/revoke/", self.admin_site.admin_view(self.revoke), name="accounts_apikey_revoke"),
            path("<int:pk>/rotate/", self.admin_site.admin_view(self.rotate), name="accounts_apikey_rotate"),
        ]
        return [*own, *super().get_urls()]

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> ApiKey:
        issued = keys.issue(
            account=data["account"],
            name=data["name"],
            scopes=data["scopes"],
            agency=data["agency"],
            expires_at=data["expires_at"],
            actor=self.actor(request),
        )
        # For response_add, which shows the secret: it is stored nowhere.
        request._issued = issued  # type: ignore[attr-defined]
        return issued.key

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_once(request, request._issued)  # type: ignore[attr-defined]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        more = {"overlaps": OVERLAPS.items(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, more)

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key(request, pk)
        keys.revoke(key=key, actor=self.actor(request))
        self.message_user(request, f"{key.name} is revoked.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:accounts_apikey_change", args=[pk]))

    def rotate(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key(request, pk)
        hours = request.POST.get("overlap", "")
        try:
            # Without a word the old key lives on for a while: programs that hold it need time.
            overlap = timedelta(hours=int(hours if hours in OVERLAPS else DEFAULT_OVERLAP))
            issued = keys.rotate(key=key, overlap=overlap, actor=self.actor(request))
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:accounts_apikey_change", args=[pk]))
        return self._show_once(request, issued)

    def _key(self, request: HttpRequest, pk: int) -> ApiKey:
        if request.method != "POST":
            raise Http404
        key: ApiKey | None = self.get_object(request, str(pk))
        if key is None:
            raise Http404
        if not self._may(request, May.MANAGE_KEYS, key):
            raise PermissionDenied
        return key

    def _show_once(self, request: HttpRequest, issued: IssuedKey) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Copy the key now",
            "opts": self.opts,
            "key": issued.key,
            "secret": issued.secret,
        }
        return TemplateResponse(request, "console/secret.html", context)
