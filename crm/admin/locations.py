"""Locations."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import ConsoleAdmin
from accounts.admin.filters import ReachedFilter
from accounts.domain.roles import May
from crm.domain import locations
from crm.domain.locations import LocationFields
from crm.models import Location


@admin.register(Location)
class LocationAdmin(ConsoleAdmin):
    may_view = May.SEE_FEEDBACK
    may_add = may_change = may_delete = May.EDIT_LOCATIONS
    soft_removal = True
    empty_hint = "No location yet. Add the place, department or team that feedback is about."

    list_display = ("name", "postal_code", "country_code", "account", "created_at")
    list_filter = (("account", ReachedFilter),)
    list_select_related = ("account",)
    search_fields = ("name", "public_id", "postal_code")
    search_help_text = "Search names, postal codes and ids"
    ordering = ("name", "id")
    readonly_fields = ("public_id",)
    fieldsets = (
        (None, {"fields": ("account", "name", "public_id")}),
        (
            "Where",
            {
                "fields": (
                    "address_line_1",
                    "address_line_2",
                    "address_line_3",
                    ("postal_code", "country_code"),
                    "time_zone",
                )
            },
        ),
        (
            "Brand, where it is not the account's",
            {"fields": (("brand_name", "brand_color"), ("from_name", "reply_to"))},
        ),
    )

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Location:
        return locations.create(account=data["account"], fields=_fields(data), actor=self.actor(request))

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        locations.update(location=obj, fields=_fields(changed), actor=self.actor(request))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        locations.delete(location=obj, actor=self.actor(request))
        return True


def _fields(data: dict[str, Any]) -> LocationFields:
    return {name: value for name, value in data.items() if name in LocationFields.__annotations__}  # type: ignore[return-value]
