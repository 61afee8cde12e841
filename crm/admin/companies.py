"""Companies that customers work for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import ConsoleAdmin
from accounts.admin.forms import TwiceIsOnceForm
from accounts.domain.roles import May
from crm.domain import companies
from crm.models import Company


@admin.register(Company)
class CompanyAdmin(ConsoleAdmin):
    may_view = May.SEE_CUSTOMERS
    may_add = may_change = may_delete = May.EDIT_CUSTOMERS
    empty_hint = "No company yet. They come with people's records, or are added here."

    form = TwiceIsOnceForm
    list_display = ("name", "domain", "account", "created_at")
    list_select_related = ("account",)
    search_fields = ("name", "domain")
    search_help_text = "Search names and domains"
    ordering = ("name", "id")
    fields = ("account", "name", "domain")

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Company:
        return companies.upsert(account=data["account"], name=data["name"], domain=data["domain"])
