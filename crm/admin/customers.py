"""Customers: who they are, whether they may be written to, and everything that happened with them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from accounts.admin.columns import column
from accounts.admin.exports import ExportingAdmin
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.admin.forms import TwiceIsOnceForm
from accounts.domain.roles import May
from crm.admin import importing, merging
from crm.domain import customers, suppressions, timeline
from crm.domain.customers import CustomerFields
from crm.domain.merging import alike
from crm.models import Customer, Location

TIMELINE_LENGTH = 50


class CustomerForm(TwiceIsOnceForm):
    # Wider than the column: people type blanks and brackets, the domain brings it to E.164.
    mobile_number = forms.CharField(required=False, max_length=40, widget=UnfoldAdminTextInputWidget)
    places: Any = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        label="Locations",
        widget=UnfoldAdminSelectMultipleWidget,
    )
    opt_out = forms.BooleanField(
        required=False,
        label="Do not contact",
        widget=UnfoldBooleanSwitchWidget,
        help_text="Nothing is sent to them on any channel. What they said themselves cannot be undone here.",
    )
    # Set per request by the admin: what the reader may choose from.
    reachable: ClassVar[Any] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "places" in self.fields:
            rows = self.reachable
            if self.instance.pk:
                rows = rows.filter(account=self.instance.account_id)
                self.initial.setdefault("places", list(self.instance.locations.all()))
            self.fields["places"].queryset = rows  # type: ignore[attr-defined]
        if "opt_out" in self.fields and self.instance.pk:
            self.initial.setdefault("opt_out", suppressions.is_opted_out(self.instance))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        account = cleaned.get("account") or getattr(self.instance, "account", None)
        for place in cleaned.get("places") or ():
            if account is not None and place.account_id != account.pk:
                self.add_error("places", f"{place} belongs to another account.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        exclude: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return exclude | {"mobile_number"}


@admin.register(Customer)
class CustomerAdmin(ExportingAdmin):
    may_view = May.SEE_CUSTOMERS
    may_add = may_change = may_delete = May.EDIT_CUSTOMERS
    soft_removal = True
    empty_hint = "Nobody yet. Customers come by API, with the first answer, or are added here."

    form = CustomerForm
    labels: ClassVar[dict[str, str]] = {"fname": "First name", "sname": "Last name", "email": "E-mail"}
    list_display = ("person", "email", "mobile_number", "company", "contact", "account", "created_at")
    list_filter = (("company", ReachedFilter), "internal", ("created_at", DaysFilter))
    list_select_related = ("account", "company")
    search_fields = ("email", "fname", "sname", "mobile_number", "public_id")
    search_help_text = "Search names, addresses, numbers and ids"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("company",)
    fieldsets = (
        (None, {"fields": ("account", ("fname", "sname"), ("email", "mobile_number"), "opt_out")}),
        ("More", {"fields": (("country_code", "language"), "time_zone", ("company", "internal"), "places")}),
    )
    change_form_outer_after_template = "console/customer_after.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(merged_into=None)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own: list[URLPattern] = [
            path("<int:pk>/merge/", wrap(self.merge), name="crm_customer_merge"),
            path("import/", wrap(self.import_file), name="crm_customer_import"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may = self.has_add_permission(request)
        more = {"import_url": reverse("admin:crm_customer_import") if may else "", **(extra_context or {})}
        return super().changelist_view(request, more)

    def import_file(self, request: HttpRequest) -> HttpResponse:
        return importing.upload(self, request)

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        return merging.show(self, request, pk)

    @column("Person", order="sname")
    def person(self, customer: Customer) -> str:
        return str(customer)

    @column("Contact", label={"Do not contact": "danger"})
    def contact(self, customer: Customer) -> str | None:
        return "Do not contact" if customer.opted_out else None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.reachable = self.admin_site.get_model_admin(Location).get_queryset(request).order_by("name", "pk")
        return form

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        customer = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if customer is not None:
            place = timeline.Place.parse(request.GET.get("before", ""))
            page = timeline.of_person(customer=customer, limit=TIMELINE_LENGTH, after=place)
            more |= {"timeline": page.entries, "timeline_next": page.next, "timeline_place": place}
            more["may_identify"] = self.has_change_permission(request, customer)
            more["alike"] = alike.of(customer=customer)
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Customer:
        return customers.upsert(
            account=data["account"], fields=_fields(data), locations=data["places"], actor=self.actor(request)
        )

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        add: list[Location] = []
        remove: list[Location] = []
        if "places" in changed:
            before, after = set(obj.locations.all()), set(changed["places"])
            add, remove = list(after - before), list(before - after)
        customers.update(
            customer=obj,
            fields=_fields(changed),
            locations_add=add,
            locations_remove=remove,
            actor=self.actor(request),
        )
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        customers.delete(customer=obj, actor=self.actor(request))
        return True


def _fields(data: dict[str, Any]) -> CustomerFields:
    kept = {name: value for name, value in data.items() if name in CustomerFields.__annotations__}
    # Nothing to say on a new row, and not saying it spares a query.
    if kept.get("opt_out") is False and "account" in data:
        del kept["opt_out"]
    return kept  # type: ignore[return-value]
