"""Accounts: settings, branding, limits."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.reach import reach_of
from accounts.domain import accounts
from accounts.domain.roles import May
from accounts.models import Account

# What the account's own people may not set for themselves.
SET_FROM_ABOVE = ("active", "plan", "max_locations", "max_users", "max_campaigns", "sms_allowance", "rate_limits")


@admin.register(Account)
class AccountAdmin(ConsoleAdmin):
    account_path = "pk"
    may_view = May.SEE_TEAM
    may_add = May.MANAGE_CLIENTS
    may_change = May.MANAGE_ACCOUNT
    may_delete = May.MANAGE_CLIENTS
    soft_removal = True

    labels: ClassVar[dict[str, str]] = {
        "verb": "What customers do",
        "is_agency": "Agency",
        "parent": "Agency above",
        "cors_origins": "Browser origins",
        "rate_limits": "Requests per minute, by contract",
    }
    hints: ClassVar[dict[str, str]] = {
        "verb": "The first templates thank them for that.",
        "postal_address": "At the foot of every mail; the law asks for one in many countries.",
        "branded_domain": "Landing pages answer there too, once it leads to this hub and is in ALLOWED_HOSTS.",
        "cors_origins": 'JSON: where browsers may read the API\'s answers, such as ["https://shop.example"].',
        "rate_limits": 'JSON, such as {"hub": 1000}; a contract without a number has the hub\'s own limit.',
    }
    list_display = ("name", "kind", "parent", "plan", "active", "created_at")
    list_filter = ("is_agency", "active")
    list_select_related = ("parent",)
    search_fields = ("name", "public_id", "brand_name")
    search_help_text = "Search names and ids"
    ordering = ("name", "id")
    autocomplete_fields = ("parent",)
    readonly_fields = ("public_id", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "public_id", "is_agency", "parent", "verb", "created_at")}),
        (
            "How customers see it",
            {
                "fields": (
                    ("brand_name", "brand_color"),
                    ("from_name", "reply_to"),
                    "postal_address",
                    "branded_domain",
                    ("time_zone", "country_code", "language"),
                )
            },
        ),
        ("Plan and limits", {"fields": (("active", "plan"), *SET_FROM_ABOVE[2:6], "rate_limits")}),
        ("API", {"fields": ("cors_origins",)}),
    )

    @column("Kind", label={"Agency": "info"})
    def kind(self, account: Account) -> str:
        if account.is_agency:
            return "Agency"
        return "Client" if account.parent_id else "Business"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An agency's owners add clients; accounts of their own are a superuser's business."""
        if reach_of(request).everything:
            return True
        if not hasattr(request, "_has_agency"):
            # Asked several times per page.
            request._has_agency = self._agencies(request).exists()  # type: ignore[attr-defined]
        found: bool = request._has_agency  # type: ignore[attr-defined]
        return found

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        reach = reach_of(request)
        if not isinstance(obj, Account):
            return reach.everything or self.has_add_permission(request)
        return reach.everything or self._from_above(request, obj)

    def _from_above(self, request: HttpRequest, account: Account | None) -> bool:
        reach = reach_of(request)
        parent = account.parent_id if account else None
        return reach.everything or (parent is not None and reach.may(May.MANAGE_CLIENTS, parent))

    def _agencies(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.get_queryset(request).filter(is_agency=True)
        reach = reach_of(request)
        return rows if reach.everything else rows.filter(pk__in=reach.accounts(May.MANAGE_CLIENTS))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None:
            fixed += ["is_agency", "parent"]
            if not self._from_above(request, obj):
                fixed += SET_FROM_ABOVE
        elif not reach_of(request).everything:
            fixed.append("is_agency")
        return fixed

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "parent" in form.base_fields:
            form.base_fields["parent"].queryset = self._agencies(request)
            form.base_fields["parent"].required = not reach_of(request).everything
        return form

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Account:
        return accounts.create(actor=self.actor(request), **_settings(data))

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        accounts.update(account=obj, actor=self.actor(request), **_settings(changed))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        accounts.delete(account=obj, actor=self.actor(request))
        return True


def _settings(data: dict[str, Any]) -> Any:
    """JSON fields left blank come as None; the row holds empty ones."""
    empty: dict[str, Any] = {"cors_origins": [], "rate_limits": {}}
    return {name: empty[name] if name in empty and value is None else value for name, value in data.items()}
