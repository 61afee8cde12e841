"""By when items are to be answered and closed: targets, and the hours in which their clocks run."""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTimeWidget

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.admin.forms import ConsoleForm, TwiceIsOnceForm
from accounts.domain.roles import May
from feedback.domain.sla import settings
from feedback.domain.sla.business import Span
from feedback.models import ServiceHours, ServiceTarget
from feedback.models.sla import office_days


def told(minutes: int | None) -> str:
    """Working minutes as hours and minutes."""
    if minutes is None:
        return "none"
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{rest} min" if rest else "")))


@admin.register(ServiceTarget)
class ServiceTargetAdmin(ConsoleAdmin):
    may_view = May.SEE_TEAM
    may_add = may_change = may_delete = May.MANAGE_RULES
    empty_hint: ClassVar[str] = (
        "No target yet: items have no clock. Add one, such as a first response within 240 working minutes."
    )

    form = ConsoleForm
    list_display = ("name", "first", "resolve", "usual", "account")
    list_filter = (("account", ReachedFilter),)
    list_select_related = ("account",)
    search_fields = ("name",)
    search_help_text = "Search names"
    ordering = ("account__name", "name", "id")
    fields = ("account", "name", "first_minutes", "resolve_minutes", "usual")
    labels: ClassVar[dict[str, str]] = {
        "first_minutes": "Working minutes until the first response",
        "resolve_minutes": "Working minutes until it is closed",
        "usual": "For every item that no rule gives another target",
    }
    hints: ClassVar[dict[str, str]] = {
        "first_minutes": "60 is an hour, 480 a day of eight hours. Blank: no target. A person moving the item out of "
        "New, or answering, stops this clock.",
        "resolve_minutes": "Blank: no target.",
        "usual": "Targets count for items that come in from now on.",
    }

    @column("First response", order="first_minutes")
    def first(self, target: ServiceTarget) -> str:
        return told(target.first_minutes)

    @column("Closed", order="resolve_minutes")
    def resolve(self, target: ServiceTarget) -> str:
        return told(target.resolve_minutes)

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> ServiceTarget:
        return settings.save_target(target=ServiceTarget(**data), actor=self.actor(request))

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        settings.save_target(target=obj, actor=self.actor(request))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        settings.delete_target(target=obj, actor=self.actor(request))
        return True


def _times() -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for number, day in enumerate(settings.DAYS):
        for end, word in (("from", "from"), ("to", "to")):
            found[f"day{number}_{end}"] = forms.TimeField(
                label=f"{day} {word}", required=False, widget=UnfoldAdminTimeWidget(format="%H:%M")
            )
    return found


class HoursForm(TwiceIsOnceForm):
    """Two times a day; a day without them is a day off."""

    locals().update(_times())

    class Meta:
        model = ServiceHours
        fields = ("account", "holidays")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = self.instance.days if self.instance.pk else office_days()
        for number, day in enumerate(days):
            for end, text in zip(("from", "to"), day or ("", ""), strict=True):
                self.initial[f"day{number}_{end}"] = time.fromisoformat(text) if text else None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for number in range(len(settings.DAYS)):
            begin, end = self.cleaned_data.get(f"day{number}_from"), self.cleaned_data.get(f"day{number}_to")
            if (begin is None) != (end is None):
                self.add_error(f"day{number}_from", "Give both times, or neither for a day off.")
        return cleaned

    def spans(self) -> list[Span]:
        pairs = [
            (self.cleaned_data.get(f"day{number}_from"), self.cleaned_data.get(f"day{number}_to"))
            for number in range(len(settings.DAYS))
        ]
        return [(begin, end) if begin and end else None for begin, end in pairs]


@admin.register(ServiceHours)
class ServiceHoursAdmin(ConsoleAdmin):
    may_view = May.SEE_TEAM
    may_add = may_change = may_delete = May.MANAGE_RULES
    empty_hint: ClassVar[str] = "Clocks run day and night. Add the hours in which your team works."

    form = HoursForm
    list_display = ("account", "told", "holidays", "updated_at")
    list_select_related = ("account",)
    ordering = ("account__name", "id")
    fieldsets = (
        (None, {"fields": ("account", "holidays")}),
        (
            "Hours, in the account's time zone",
            {
                "fields": tuple((f"day{number}_from", f"day{number}_to") for number in range(7)),
                "description": "Both blank: a day off. Until 23:59 is until midnight.",
            },
        ),
    )
    hints: ClassVar[dict[str, str]] = {
        "holidays": "A country such as AT or a part of one such as US-CA: its public holidays are days off."
    }

    @column("Hours")
    def told(self, hours: ServiceHours) -> str:
        days = zip(settings.DAYS, hours.days, strict=True)
        return ", ".join(f"{name[:3]} {day[0]} to {day[1]}" for name, day in days if day)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        saved = settings.save_hours(
            account=obj.account,
            days=form.spans(),
            holidays=form.cleaned_data["holidays"] or "",
            actor=self.actor(request),
        )
        obj.__dict__.update(saved.__dict__)
