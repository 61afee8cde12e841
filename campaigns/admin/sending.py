"""How an account sends: its rules, its own providers, and what people wrote back."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.admin.forms import ConsoleForm, TwiceIsOnceForm
from accounts.domain.roles import May
from campaigns.domain import providers, rules, sms_replies
from campaigns.models import ProviderCredentials, SendingRules, SmsReply
from feedbackhub.errors import Refused

URL_HELP = (
    "smtp://user:password@host:587?from=hello@example.com, anymail://postmark?server_token=…&from=…, "
    "twilio://SID:TOKEN@api.twilio.com?from=%2B15005550006 or relay://TOKEN@host/path?from=…. "
    "Stored encrypted and never shown again; to change anything, enter it whole."
)


@admin.register(SendingRules)
class SendingRulesAdmin(ConsoleAdmin):
    may_view = May.SEND_REQUESTS
    may_add = may_change = May.MANAGE_ACCOUNT
    empty_hint = "Every account has the defaults: 09:00 to 20:00 where the person is, one request in 30 days."

    form = TwiceIsOnceForm
    labels: ClassVar[dict[str, str]] = {
        "day_start": "Send from",
        "day_end": "Send until",
        "hold_stand_alone": "Hold single requests too",
        "days_between": "Days between two requests",
        "sms_countries": "Countries for SMS",
        "opt_out_scope": "What STOP ends",
    }
    hints: ClassVar[dict[str, str]] = {
        "day_start": "Time of day where the person is.",
        "day_end": "Where the law wants less, less.",
        "hold_stand_alone": "Otherwise a request made by API or here goes when its caller says.",
        "holidays": "A country such as AT or a part of one such as US-CA: nothing goes on its public holidays.",
        "days_between": "Over all locations and channels, counted back from now; never two within a day.",
        "sms_countries": 'JSON, such as ["US", "CA"]; empty: every country.',
    }
    list_display = ("account", "day_start", "day_end", "days_between", "holidays", "updated_at")
    list_select_related = ("account",)
    ordering = ("account__name", "id")
    fieldsets = (
        (None, {"fields": ("account",)}),
        ("Hours", {"fields": (("day_start", "day_end"), "holidays", "hold_stand_alone")}),
        ("How often and where", {"fields": ("days_between", "sms_countries", "opt_out_scope")}),
    )

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> SendingRules:
        account = data.pop("account")
        return rules.save(account=account, changes=data, actor=self.actor(request))

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        rules.save(account=obj.account, changes=changed, actor=self.actor(request))
        return True


class CredentialsForm(ConsoleForm):
    url = forms.CharField(
        label="Address and secret",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}, render_value=False),
        help_text=URL_HELP,
        max_length=2000,
    )

    def validate_unique(self) -> None:
        """Saving again replaces what the channel had."""

    def _post_clean(self) -> None:
        self.instance.validate_constraints = lambda exclude=None: None
        super()._post_clean()  # type: ignore[misc]


@admin.register(ProviderCredentials)
class ProviderCredentialsAdmin(ConsoleAdmin):
    may_view = may_add = may_change = may_delete = May.MANAGE_ACCOUNT
    empty_hint = "The hub's own providers send for every account. Add one to send by your own."

    form = CredentialsForm
    list_display = ("summary", "channel", "account", "active", "told_test", "updated_at")
    list_filter = (("channel", ChoicesDropdownFilter), ("account", ReachedFilter))
    list_select_related = ("account",)
    ordering = ("account__name", "channel")
    change_form_outer_before_template = "console/provider_actions.html"

    @column("Last test")
    def told_test(self, row: ProviderCredentials) -> str:
        if row.tested_at is None:
            return "Not tested"
        return row.test_result or "It works"

    @column("Calls back at")
    def hooks(self, row: ProviderCredentials) -> str:
        return ", ".join(providers.hooks_of(row)) or "Reports nothing"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("account", "channel", "url")
        return ("account", "channel", "summary", "active", "url", "hooks", "told_test", "tested_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "channel", "summary", "hooks", "told_test", "tested_at"] if obj is not None else fixed

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "url" in form.base_fields:
            form.base_fields["url"].required = obj is None
        return form

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
            path("<int:pk>/test/", self.admin_site.admin_view(self.test), name="campaigns_providercredentials_test")
        ]
        return [*own, *super().get_urls()]

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> ProviderCredentials:
        return providers.save(
            account=data["account"], channel=data["channel"], url=data["url"], actor=self.actor(request)
        )

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        if changed.get("url"):
            providers.save(account=obj.account, channel=obj.channel, url=changed["url"], actor=self.actor(request))
        if "active" in changed:
            providers.switch(credentials=obj, on=changed["active"], actor=self.actor(request))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        providers.remove(credentials=obj, actor=self.actor(request))
        return True

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        row: ProviderCredentials | None = self.get_object(request, str(pk))
        if request.method != "POST" or row is None:
            raise Http404
        if not self._may(request, May.MANAGE_ACCOUNT, row):
            raise PermissionDenied
        problem = providers.try_out(credentials=row, actor=self.actor(request))
        if problem:
            self.message_user(request, f"It does not work: {problem}", messages.ERROR)
        else:
            self.message_user(request, "Connected and signed in; nothing was sent.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:campaigns_providercredentials_change", args=[pk]))


@admin.register(SmsReply)
class SmsReplyAdmin(ConsoleAdmin):
    may_view = May.SEE_CUSTOMERS
    empty_hint = "Nobody wrote back by SMS. STOP, START and HELP are understood by themselves."

    list_display = ("address", "text", "told_reading", "customer", "account", "received_at")
    list_filter = (("reading", ChoicesDropdownFilter), ("account", ReachedFilter))
    list_select_related = ("account", "customer")
    search_fields = ("address", "text")
    search_help_text = "Search numbers and words"
    ordering = ("-received_at", "-id")
    actions = ("was_opt_out", "was_none")
    fields = ("account", "customer", "address", "sender", "text", "told_reading", "received_at", "judged_at")

    @column("Read as", label={"Opt-out": "danger", "Perhaps an opt-out": "warning", "Opt-in": "success"})
    def told_reading(self, row: SmsReply) -> str:
        return row.get_reading_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return self._may(request, May.EDIT_CUSTOMERS)

    @admin.action(description="It was an opt-out", permissions=["judge"])
    def was_opt_out(self, request: HttpRequest, queryset: QuerySet[SmsReply]) -> None:
        self._judge(request, queryset, opt_out=True)

    @admin.action(description="It was no opt-out: may be contacted again", permissions=["judge"])
    def was_none(self, request: HttpRequest, queryset: QuerySet[SmsReply]) -> None:
        self._judge(request, queryset, opt_out=False)

    def _judge(self, request: HttpRequest, rows: QuerySet[SmsReply], *, opt_out: bool) -> None:
        for row in rows:
            if not self._may(request, May.EDIT_CUSTOMERS, row):
                raise Refused(f"Your role in {row.account} does not cover this.")
            sms_replies.judge(reply=row, opt_out=opt_out, actor=self.actor(request))
        self.message_user(request, "Noted.", messages.SUCCESS)
