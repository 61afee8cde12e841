"""The console: Django admin under /console/, signed into through allauth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

View = Callable[..., Any]

# Group, then its rows: title, model, icon. A row is shown to whoever may view the model.
MENU: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Feedback",
        (
            ("Inbox", "feedback.FeedbackItem", "inbox"),
            ("Answers", "feedback.Response", "sentiment_satisfied"),
            ("Reviews", "reviews.Review", "reviews"),
            ("Records", "feedback.FeedbackRecord", "table_rows"),
        ),
    ),
    (
        "People",
        (
            ("Customers", "crm.Customer", "group"),
            ("Companies", "crm.Company", "domain"),
            ("Ids", "crm.Identity", "badge"),
            ("Merges", "crm.MergeRecord", "merge"),
            ("Do not contact", "crm.Suppression", "do_not_disturb_on"),
        ),
    ),
    (
        "Asking",
        (
            ("Campaigns", "campaigns.Campaign", "campaign"),
            ("People in campaigns", "campaigns.Enrolment", "conversion_path"),
            ("Requests", "campaigns.FeedbackRequest", "outgoing_mail"),
            ("Messages", "campaigns.Message", "send"),
            ("Templates", "campaigns.MessageTemplate", "draft"),
            ("Outbox", "campaigns.OutboxEntry", "outbox"),
            ("SMS replies", "campaigns.SmsReply", "sms"),
        ),
    ),
    (
        "Places and sources",
        (
            ("Locations", "crm.Location", "location_on"),
            ("Kiosks and QR codes", "campaigns.AskPage", "qr_code"),
            ("Review pages", "reviews.ReviewProfile", "link"),
            ("Platforms", "reviews.Platform", "storefront"),
            ("Sources", "feedback.Source", "input"),
            ("Source records", "feedback.SourceRecord", "database"),
        ),
    ),
    (
        "Set-up",
        (
            ("Accounts", "accounts.Account", "business"),
            ("Team", "accounts.Membership", "badge"),
            ("Invitations", "accounts.Invitation", "person_add"),
            ("Users", "accounts.User", "person"),
            ("Jobs", "accounts.Job", "pending_actions"),
            ("API keys", "accounts.ApiKey", "key"),
            ("Triage rules", "feedback.TriageRule", "rule"),
            ("Service targets", "feedback.ServiceTarget", "timer"),
            ("Working hours", "feedback.ServiceHours", "schedule"),
            ("Sending rules", "campaigns.SendingRules", "schedule_send"),
            ("Labels", "feedback.Label", "label"),
            ("Macros", "feedback.Macro", "bolt"),
            ("Views", "feedback.SavedView", "filter_alt"),
            ("Own providers", "campaigns.ProviderCredentials", "dns"),
            ("Webhooks", "feedback.WebhookEndpoint", "webhook"),
            ("Deliveries", "feedback.WebhookDelivery", "local_shipping"),
            ("Tenants", "feedback.TenantSettings", "tune"),
            ("Purges", "feedback.TenantPurge", "delete_sweep"),
        ),
    ),
)


class ConsoleSite(UnfoldAdminSite):
    """Django admin with our own way in, our own front page, and a policy that allows the theme's scripts."""

    site_title = "FeedbackHub"
    site_header = "FeedbackHub"
    index_title = "Today"
    index_template = "console/index.html"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        # Alpine.js, which the theme is written in, evaluates expressions; nothing outside the console may.
        return csp_update({"script-src": "'unsafe-eval'"})(super().admin_view(_refuse_nul(view), cacheable))

    def extra_urls(self) -> list[URLPattern]:
        # Not at the top: the model admins there need this site to exist first.
        from accounts.admin import audit, switcher
        from crm.admin import importing
        from feedback.admin import digest, figures

        return [
            path("account/", self.admin_view(switcher.choose), name="choose_account"),
            path("figures/", self.admin_view(figures.show), name="figures"),
            # Here, because jobs are further left than what they import.
            path("accounts/job/<int:pk>/columns/", self.admin_view(importing.choose_columns), name="import_columns"),
            path("digest/", self.admin_view(digest.show), name="digest"),
            path("audit/", self.admin_view(audit.show), name="audit"),
            path("audit/<str:kind>/", self.admin_view(audit.show), name="audit_of"),
            # Before Django's "view on site", which looks rows of every account up and stumbles over odd ids.
            path("r/<path:row>", self.admin_view(_nothing_here)),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        # The theme writes its colours into a <style>, which the policy forbids: they are in console.css.
        context["colors"] = None
        return context

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sign-in page of the whole hub, which has the rate limits and the second factor."""
        after = request.GET.get("next") or reverse("admin:index")
        if request.user.is_authenticated and not self.has_permission(request):
            return TemplateResponse(request, "console/no_entry.html", {}, status=403)
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': after})}")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The theme's search over menu entries; it counts no pages we would need, and stumbles over odd ones."""
        if "page" in request.GET:
            raise Http404
        found: HttpResponse = super().search(request, extra_context)
        return found

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return _sign_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("account_change_password")


def _nothing_here(request: HttpRequest, row: str) -> HttpResponse:
    raise Http404("There is no page of this outside of the console.")


@require_POST
def _sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse(settings.LOGIN_URL))


def _refuse_nul(view: View) -> View:
    """PostgreSQL cannot hold NUL in a text, so a query with one would fail deep inside a filter."""

    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "\0" in request.path or any("\0" in value for values in request.GET.lists() for value in values[1]):
            return HttpResponseBadRequest("The address contains NUL.", content_type="text/plain")
        return view(request, *args, **kwargs)

    # Django reads marks off the view, such as csrf_exempt.
    checked.__dict__.update(getattr(view, "__dict__", {}))
    return checked


def environment_label(request: HttpRequest) -> list[str] | None:
    """Says where one is, except in production."""
    if settings.PRODUCTION:
        return None
    return [settings.ENVIRONMENT.title(), "warning"]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: what the signed-in user may view."""
    groups = [{"title": title, "items": _items(request, rows)} for title, rows in MENU]
    front = {"title": "Today", "icon": "today", "link": reverse("admin:index")}
    figures = {"title": "Figures", "icon": "monitoring", "link": reverse("admin:figures")}
    menu: list[dict[str, Any]] = [{"items": [front, figures]}, *(group for group in groups if group["items"])]
    if _sees_audit(request):
        menu.append({"items": [{"title": "Audit", "icon": "history", "link": reverse("admin:audit")}]})
    return menu


def _sees_audit(request: HttpRequest) -> bool:
    from accounts.admin.reach import reach_of
    from accounts.domain.roles import May

    return reach_of(request).may(May.SEE_AUDIT)


def _items(request: HttpRequest, rows: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    items = []
    for title, label, icon in rows:
        model = apps.get_model(label)
        if not admin.site.is_registered(model):
            continue
        model_admin = admin.site.get_model_admin(model)
        if model_admin.has_view_permission(request):
            link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            item = {"title": title, "icon": icon, "link": link}
            badge = getattr(model_admin, "menu_badge", None)
            if badge is not None:
                item |= badge(request)
            items.append(item)
    return items
