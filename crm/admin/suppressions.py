"""Who must not be written to, and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import DaysFilter
from accounts.admin.forms import TwiceIsOnceForm
from accounts.domain.roles import May
from crm.domain import suppressions
from crm.models import Suppression
from feedbackhub.errors import HubError, Invalid, Refused


@admin.register(Suppression)
class SuppressionAdmin(ConsoleAdmin):
    """Rows are added and lifted, never changed or deleted: they are evidence."""

    may_view = May.SEE_CUSTOMERS
    may_add = May.EDIT_CUSTOMERS
    empty_hint = "Nobody has opted out, and no address has failed."

    form = TwiceIsOnceForm
    list_display = ("about", "channel", "reason", "source", "state", "account", "created_at")
    list_filter = (
        ("channel", ChoicesDropdownFilter),
        ("reason", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("created_at", DaysFilter),
    )
    list_select_related = ("account", "customer")
    search_fields = ("address", "customer__email", "customer__fname", "customer__sname")
    search_help_text = "Search addresses and names"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("customer",)
    actions = ("lift",)
    change_form_outer_before_template = "console/consent_actions.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ("account", "channel", "address", "customer")
        return (
            asked
            if obj is None
            else (*asked, "reason", "source", "evidence", "created_at", "lifted_at", "lift_evidence")
        )

    @column("About")
    def about(self, row: Suppression) -> str:
        return row.address or str(row.customer)

    @column("State", label={"Holds": "danger", "Lifted": "success"})
    def state(self, row: Suppression) -> str:
        return "Lifted" if row.lifted_at else "Holds"

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Suppression:
        if not data["address"] and not data["customer"]:
            raise Invalid("Give an address or a customer.", field="address")
        return suppressions.suppress(
            account=data["account"],
            channel=data["channel"],
            reason=Suppression.Reason.OPT_OUT,
            source=Suppression.Source.STAFF,
            address=data["address"],
            customer=data["customer"],
            evidence={"actor": self.actor(request).code},
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.consent)
        return [path("<int:pk>/consent/", view, name="crm_suppression_consent"), *super().get_urls()]

    def consent(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Staff's proof that the person wants our messages again."""
        row: Suppression | None = self.get_object(request, str(pk))
        if request.method != "POST" or row is None:
            raise Http404
        if not self._may(request, May.EDIT_CUSTOMERS, row):
            raise PermissionDenied
        try:
            suppressions.record_consent(row=row, words=request.POST.get("words", ""), actor=self.actor(request))
            self.message_user(request, "Lifted, with the proof kept.", messages.SUCCESS)
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:crm_suppression_change", args=[pk]))

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return self._may(request, May.EDIT_CUSTOMERS)

    @admin.action(description="Lift: may be contacted again", permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        rows = [row for row in queryset if row.lifted_at is None]
        for row in rows:
            if not self._may(request, May.EDIT_CUSTOMERS, row):
                raise Refused(f"Your role in {row.account} does not cover this.")
            suppressions.take_back(row=row, actor=self.actor(request))
        self.message_user(request, f"{len(rows)} lifted.", messages.SUCCESS)
