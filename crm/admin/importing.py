"""Importing customers: hand in a file, say which column is what, begin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin import jobs as job_pages
from accounts.admin.reach import chosen_account, reach_of
from accounts.domain.queries import reach
from accounts.domain.roles import May
from accounts.models import Account, Job
from crm.domain.importing import columns, drafts
from crm.models import Customer
from feedbackhub.errors import HubError
from feedbackhub.tables import limits

job_pages.DRAFT_PAGES[drafts.KIND] = "admin:import_columns"
# A menu of more is no menu; the account menu chooses among the rest.
LONGEST = 200


def upload(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """A file becomes a draft, and one goes on to its columns."""
    accounts = _accounts(request)
    if not accounts:
        raise PermissionDenied
    chosen = chosen_account(request)
    problem = ""
    if request.method == "POST":
        account = next((one for one in accounts if str(one.pk) == request.POST.get("account")), None)
        file = request.FILES.get("file")
        if account is None or file is None or file.file is None:
            problem = "Choose an account and a file."
        else:
            try:
                job = drafts.draft(
                    account=account,
                    file=file.file,
                    size=file.size or 0,
                    name=file.name or "file",
                    actor=model_admin.actor(request),
                )
                return HttpResponseRedirect(reverse("admin:import_columns", args=[job.pk]))
            except HubError as error:
                problem = error.message
    context = {
        **_context(request, "Import customers"),
        "accounts": accounts,
        "chosen": chosen,
        "problem": problem,
        "limits": limits,
        "megabytes": limits.BYTES // limits.MEGABYTE,
    }
    return TemplateResponse(request, "console/import_upload.html", context)


def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is which field, what is done with people who are known, and a look at the first rows."""
    model_admin: Any = admin.site.get_model_admin(Job)
    job: Job | None = model_admin.get_object(request, str(pk))
    if job is None:
        raise Http404
    if not reach_of(request).may(May.EDIT_CUSTOMERS, job.account_id):
        raise PermissionDenied
    page = reverse("admin:accounts_job_change", args=[pk])
    if job.kind != drafts.KIND or job.state != Job.State.DRAFT:
        return HttpResponseRedirect(page)
    headers = job.options["headers"]
    asked = request.POST
    mapping = [asked.get(f"column{at}", "") for at in range(len(headers))] if asked else columns.guess(headers)
    country = asked.get("country", job.account.country_code).strip().upper()
    if request.method == "POST" and "start" in asked:
        try:
            drafts.start(
                job=job,
                mapping=mapping,
                existing=asked.get("existing", ""),
                country=country,
                consent=asked.get("consent", ""),
                enter=bool(asked.get("enter")),
            )
            return HttpResponseRedirect(page)
        except HubError as error:
            messages.error(request, error.message)
    looked = drafts.preview(job=job, mapping=mapping, country=country)
    context = {
        **_context(request, f"Import of {job.options['file']}"),
        "job": job,
        "columns": [
            {"at": at, "header": header, "field": field}
            for at, (header, field) in enumerate(zip(headers, mapping, strict=True))
        ],
        "fields": columns.FIELDS,
        "property": columns.PROPERTY,
        "problem": columns.problem(mapping),
        "looked": looked,
        "wrong": [row for row in looked if row.reason],
        "existing": drafts.EXISTING,
        "chosen": asked.get("existing", "update"),
        "country": country,
        "consent": asked.get("consent", ""),
        "enter": bool(asked.get("enter")),
    }
    return TemplateResponse(request, "console/import_columns.html", context)


def _accounts(request: HttpRequest) -> list[Account]:
    """Where the user may add people."""
    mine = reach_of(request)
    ids = None if mine.everything else mine.accounts(May.EDIT_CUSTOMERS)
    return reach.accounts_within(ids=ids, limit=LONGEST) if ids is None or ids else []


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "opts": Customer._meta}
