"""Tenants within an account, as the Hub contract's callers divide it; read here, written by API."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import as_json, column
from accounts.domain.roles import May
from feedback.models import TenantPurge, TenantSettings


@admin.register(TenantSettings)
class TenantSettingsAdmin(ConsoleAdmin):
    may_view = May.MANAGE_WEBHOOKS
    empty_hint = "No tenant has settings yet. They are made by PUT /v1/tenants/{tenant}/settings."

    list_display = ("tenant_id", "told", "account", "updated_at")
    list_select_related = ("account",)
    search_fields = ("tenant_id__exact",)
    search_help_text = "Search tenants (whole)"
    ordering = ("tenant_id", "id")
    fields = ("tenant_id", "told", "updated_at")

    @column("Settings")
    def told(self, row: TenantSettings) -> str:
        return as_json(row.settings)


@admin.register(TenantPurge)
class TenantPurgeAdmin(ConsoleAdmin):
    may_view = May.MANAGE_WEBHOOKS
    empty_hint = "Nothing was purged yet. It is asked for by DELETE /v1/tenants/{tenant}/feedback-records."

    list_display = ("tenant_id", "state", "deleted", "account", "requested_at", "finished_at")
    list_select_related = ("account",)
    search_fields = ("tenant_id__exact",)
    search_help_text = "Search tenants (whole)"
    ordering = ("-id",)
    fields = ("tenant_id", "state", "deleted", "requested_at", "finished_at")

    @column("State", label={"Done": "success", "Running": "info"})
    def state(self, purge: TenantPurge) -> str:
        return "Done" if purge.finished_at else "Running"
