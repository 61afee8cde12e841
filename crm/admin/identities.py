"""The ids under which senders know customers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import DaysFilter
from accounts.admin.forms import TwiceIsOnceForm
from accounts.domain.roles import May
from crm.domain import identities
from crm.models import Identity


@admin.register(Identity)
class IdentityAdmin(ConsoleAdmin):
    """Added and removed, never changed: what was linked by an id stays linked."""

    may_view = May.SEE_CUSTOMERS
    may_add = may_delete = May.EDIT_CUSTOMERS
    empty_hint = "No id yet. Senders' ids are remembered when they come with an address, or are added here."

    form = TwiceIsOnceForm
    labels: ClassVar[dict[str, str]] = {"value": "Id"}
    hints: ClassVar[dict[str, str]] = {
        "value": "Your own id of this person, as your systems send it. What came under it before is linked as well."
    }
    list_display = ("value", "whose", "customer", "account", "created_at")
    list_filter = (("created_at", DaysFilter),)
    list_select_related = ("account", "customer")
    search_fields = ("value", "customer__email", "customer__fname", "customer__sname")
    search_help_text = "Search ids, names and addresses"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("customer",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ("account", "customer", "value")
        return asked if obj is None else (*asked, "kind", "created_at")

    @column("Whose id", order="kind")
    def whose(self, identity: Identity) -> str:
        return identity.whose

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Identity:
        return identities.give(account=data["account"], customer=data["customer"], value=data["value"])
