"""Triage rules: the list in the order in which they are asked, and a page to write one, its dry run beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.admin.reach import chosen_account, reach_of
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import Account
from feedback.admin.rule_forms import Builder
from feedback.domain.rules import dry_run, editing, making_now, sorting, telling
from feedback.domain.rules.dry_run import DryRun
from feedback.models import TriageRule
from feedbackhub.errors import HubError


def _up(*, rule: TriageRule, actor: Actor) -> str:
    editing.move(rule=rule, up=True, actor=actor)
    return f"“{rule}” is asked earlier."


def _down(*, rule: TriageRule, actor: Actor) -> str:
    editing.move(rule=rule, up=False, actor=actor)
    return f"“{rule}” is asked later."


def _on(*, rule: TriageRule, actor: Actor) -> str:
    editing.switch(rule=rule, on=True, actor=actor)
    return f"“{rule}” is on."


def _off(*, rule: TriageRule, actor: Actor) -> str:
    editing.switch(rule=rule, on=False, actor=actor)
    return f"“{rule}” is off."


def _make(*, rule: TriageRule, actor: Actor) -> str:
    making_now.ask(rule=rule, actor=actor)
    return "The items are being made: see Jobs."


VERBS: dict[str, Callable[..., str]] = {"up": _up, "down": _down, "on": _on, "off": _off, "make": _make}


@admin.register(TriageRule)
class TriageRuleAdmin(ConsoleAdmin):
    may_view = May.SEE_TEAM
    may_add = may_change = may_delete = May.MANAGE_RULES
    empty_hint: ClassVar[str] = (
        "This account has the rule that every account starts with: an unhappy answer with a comment is a complaint. "
        "Add rules for records, thumbs and reviews."
    )

    list_display = ("name", "said", "whose", "state", "order", "account")
    list_display_links = ("name",)
    list_filter = (("account", ReachedFilter),)
    list_select_related = ("account", "location")
    search_fields = ("name",)
    search_help_text = "Search names"
    ordering = ("account__name", "account_id", "position", "id")
    fields = ("account", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("people")

    @column("What it does")
    def said(self, rule: TriageRule) -> str:
        return f"{telling.when(rule)}: {telling.then(rule)}."

    @column("For", empty="nobody")
    def whose(self, rule: TriageRule) -> str | None:
        return ", ".join(str(person) for person in rule.people.all()) or None

    @column("State", label={"On": "success", "Off": "warning"})
    def state(self, rule: TriageRule) -> str:
        return "On" if rule.enabled else "Off"

    @column("Asked")
    def order(self, rule: TriageRule) -> SafeString:
        return render_to_string("console/rule_buttons.html", {"rule": rule})

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        # Buttons that a reader may press.
        return columns if self._may(request, self.may_change) else [name for name in columns if name != "order"]

    # --- pages ---

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
            path(
                f"<path:object_id>/{verb}/",
                self.admin_site.admin_view(self._verb(verb)),
                name=f"feedback_triagerule_{verb}",
            )
            for verb in VERBS
        ]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        accounts = self._accounts(request)
        wanted = request.GET.get("account", "")
        account = next((each for each in accounts if each.public_id == wanted), None)
        if account is None and len(accounts) == 1:
            account = accounts[0]
        if account is None:
            context = {**self.admin_site.each_context(request), "title": "A rule for which account?"}
            return TemplateResponse(request, "console/rule_account.html", {**context, "accounts": accounts})
        return self._write(request, account, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rule = self._rule(request, object_id)
        return self._write(request, rule.account, rule)

    def _verb(self, verb: str) -> Callable[..., HttpResponse]:
        def do(request: HttpRequest, object_id: str) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            rule = self._rule(request, object_id, change=True)
            try:
                self.message_user(request, VERBS[verb](rule=rule, actor=self.actor(request)), messages.SUCCESS)
            except HubError as error:
                self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:feedback_triagerule_changelist"))

        return do

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        editing.delete(rule=obj, actor=self.actor(request))
        return True

    def _write(self, request: HttpRequest, account: Account, rule: TriageRule | None) -> HttpResponse:
        """The form; `try` in what was posted asks what it would have made, and stores nothing."""
        may_change = rule is None or self.has_change_permission(request, rule)
        posted = request.method == "POST"
        if posted and not may_change:
            raise PermissionDenied
        builder = Builder(account, rule, request.POST if posted else None)
        run: DryRun | None = None
        if posted and builder.is_valid():
            try:
                if "try" not in request.POST:
                    return self._saved(request, account, rule, builder)
                run = self._tried(account, rule, builder)
            except HubError as error:
                builder.say(error)
        context = {
            **self.admin_site.each_context(request),
            "title": rule.name if rule else "New rule",
            "opts": self.opts,
            "account": account,
            "rule": rule,
            "builder": builder,
            "may_change": may_change,
            "gone": sorting.able(rule)[1] if rule else [],
            "tried": posted and "try" in request.POST and builder.form.is_valid(),
            "run": run,
            "most": max((number for _, number in run.by_day), default=0) if run else 0,
            "days": dry_run.DAYS,
        }
        return TemplateResponse(request, "console/rule.html", context)

    def _saved(self, request: HttpRequest, account: Account, rule: TriageRule | None, builder: Builder) -> HttpResponse:
        actor = self.actor(request)
        if rule is None:
            rule = editing.create(account=account, actor=actor, **builder.fields())
            self.message_user(request, f"“{rule}” is asked first. Move it down if others come before it.")
        else:
            editing.update(rule=rule, actor=actor, **builder.fields())
            self.message_user(request, "Saved. It counts for what comes in from now on.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:feedback_triagerule_change", args=[rule.pk]))

    def _tried(self, account: Account, rule: TriageRule | None, builder: Builder) -> DryRun | None:
        return dry_run.of(rule=editing.tried(account=account, rule=rule, **builder.fields()))

    def _accounts(self, request: HttpRequest) -> list[Account]:
        """Whose rules the reader may write; the chosen one alone, if there is one."""
        chosen = chosen_account(request)
        reach = reach_of(request)
        mine = [each for each in access.accounts_for(request.user)[:500] if reach.may(May.MANAGE_RULES, each.pk)]  # type: ignore[arg-type]
        return [chosen] if chosen in mine else mine

    def _rule(self, request: HttpRequest, object_id: str, *, change: bool = False) -> TriageRule:
        rule: TriageRule | None = self.get_object(request, object_id)
        if rule is None:
            raise Http404("There is no such rule.")
        if not self.has_view_permission(request, rule) or (change and not self.has_change_permission(request, rule)):
            raise PermissionDenied
        return rule
