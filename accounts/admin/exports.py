"""A list of the console as a file: what it shows, as it is filtered, for one account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.base import COUNT_CAP, ConsoleAdmin
from accounts.admin.reach import chosen_account, reach_of
from accounts.domain import exporting
from accounts.domain.queries import reach
from accounts.domain.roles import May
from accounts.models import Account
from feedbackhub.errors import HubError

LONGEST = 200


class ExportingAdmin(ConsoleAdmin):
    """With a button that exports the list; its app registers the columns."""

    list_before_template = "console/export_link.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        more = dict(extra_context or {})
        if reach_of(request).may(May.EXPORT):
            url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
            asked = _without_page(request)
            more["export_url"] = f"{url}?{asked.urlencode()}" if asked else url
        return super().changelist_view(request, more)

    def export(self, request: HttpRequest) -> HttpResponse:
        accounts = self._accounts(request)
        if not accounts or not self.has_view_permission(request):
            raise PermissionDenied
        title = str(self.opts.verbose_name_plural)
        request.GET = _without_page(request)  # type: ignore[assignment]
        try:
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            messages.error(request, "There is no such filter of this list. Filter it again, and export it then.")
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        rows = shown.get_queryset(request)
        if request.method == "POST":
            account = next((one for one in accounts if str(one.pk) == request.POST.get("account")), None)
            if account is None:
                messages.error(request, "Choose an account.")
            else:
                keys = rows.filter(account=account).order_by("pk").values_list("pk", flat=True).distinct()
                try:
                    job = exporting.create(
                        account=account,
                        model=self.opts.label,
                        title=title,
                        keys=keys[: exporting.MOST + 1].iterator(),
                        format=request.POST.get("format", "csv"),
                        actor=self.actor(request),
                    )
                    return HttpResponseRedirect(reverse("admin:accounts_job_change", args=[job.pk]))
                except HubError as error:
                    messages.error(request, error.message)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Export of {title}",
            "opts": self.opts,
            "accounts": accounts,
            "chosen": chosen_account(request),
            "number": rows.filter(account__in=accounts).order_by()[:COUNT_CAP].count(),
            "cap": COUNT_CAP,
            "formats": exporting.FORMATS,
            "filters": _filters(shown),
        }
        return TemplateResponse(request, "console/export.html", context)

    def _accounts(self, request: HttpRequest) -> list[Account]:
        """Where the user may export, narrowed to the chosen account."""
        mine, chosen = reach_of(request), chosen_account(request)
        if chosen is not None and not chosen.is_agency:
            return [chosen] if mine.may(May.EXPORT, chosen.pk) else []
        ids = None if mine.everything else mine.accounts(May.EXPORT)
        return reach.accounts_within(ids=ids, limit=LONGEST) if ids is None or ids else []


def _without_page(request: HttpRequest) -> QueryDict:
    """What is exported are all pages."""
    asked = request.GET.copy()
    asked.pop(PAGE_VAR, None)
    return asked


def _filters(shown: ChangeList) -> list[str]:
    """What narrows the list, in words; also what does so unasked, such as a tab."""
    said = [f"search: {shown.query}"] if shown.query else []
    for each in shown.filter_specs:
        told = getattr(each, "told", None)
        if value := told() if told else _chosen(each, shown):
            said.append(f"{each.title}: {value}")
    return said


def _chosen(each: Any, shown: ChangeList) -> str:
    """The filter's value as its menu has it, or its days; nothing when it lets everything through."""
    values = []
    for number, choice in enumerate(each.choices(shown)):
        if form := choice.get("form"):
            values += [_label(name, field, form.data.get(name)) for name, field in form.fields.items()]
        elif number and choice.get("selected"):
            values.append(str(choice["display"]))
    return " ".join(filter(None, values))


def _label(name: str, field: Any, value: Any) -> str:
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    given = [str(one) for one in (value if isinstance(value, (list, tuple)) else [value]) if one not in (None, "")]
    said = ", ".join(labels.get(one, one) for one in given)
    end = name.rpartition("_")[2]
    return f"{end} {said}" if said and end in ("from", "to") else said
