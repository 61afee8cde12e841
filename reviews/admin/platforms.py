"""Review platforms, and locations' pages on them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminURLInputWidget

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column, short
from accounts.admin.filters import ReachedFilter
from accounts.admin.forms import TwiceIsOnceForm
from accounts.admin.reach import reach_of
from accounts.domain.roles import May
from crm.models import Location
from feedbackhub.errors import Invalid
from reviews.domain import profiles
from reviews.models import Platform, Review, ReviewProfile


@admin.register(Platform)
class PlatformAdmin(ConsoleAdmin):
    """Superusers see and correct all; others see where their own reviews and pages are: the name of a site that the
    hub does not know is its host, which may be another account's secret."""

    account_path = None
    shared = True
    may_change = May.EDIT_REVIEWS

    list_display = ("name", "slug", "public_id")
    search_fields = ("name", "slug")
    search_help_text = "Search names"
    ordering = ("name", "id")
    fields = ("name", "slug", "public_id")
    readonly_fields = ("slug", "public_id")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        if reach_of(request).everything:
            return rows
        pages = [self.admin_site.get_model_admin(model).get_queryset(request) for model in (Review, ReviewProfile)]
        return rows.filter(Q(pk__in=pages[0].values("platform")) | Q(pk__in=pages[1].values("platform")))


class ProfileForm(TwiceIsOnceForm):
    url = forms.URLField(label="Address", max_length=2048, widget=UnfoldAdminURLInputWidget, assume_scheme="https")


@admin.register(ReviewProfile)
class ReviewProfileAdmin(ConsoleAdmin):
    """Added and removed; another address is another page."""

    may_view = May.SEE_FEEDBACK
    may_add = may_delete = May.EDIT_REVIEWS
    empty_hint = "No page yet. Add a location's page on a review site: everybody who answers is shown it."

    form = ProfileForm
    list_display = ("location", "platform", "address", "account", "created_at")
    list_filter = (("platform", ReachedFilter), ("location", ReachedFilter))
    list_select_related = ("account", "location", "platform")
    search_fields = ("location__name", "url")
    search_help_text = "Search locations and addresses"
    ordering = ("location__name", "id")
    autocomplete_fields = ("location",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("account", "location", "url") if obj is None else ("account", "location", "platform", "url")

    @column("Address")
    def address(self, profile: ReviewProfile) -> str:
        return short(profile.url, 70)

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> ReviewProfile:
        location: Location = data["location"]
        try:
            return profiles.add(account=data["account"], location=location, url=data["url"], actor=self.actor(request))
        except Invalid as error:
            # The verb calls it as the contract does; here the field is `url`.
            raise Invalid(error.message, field="url") from error
