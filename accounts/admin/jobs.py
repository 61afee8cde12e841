"""Jobs: how far they are, what came of them, their files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import DaysFilter
from accounts.domain import job_files, jobs
from accounts.domain.roles import May
from accounts.models import Job
from feedbackhub.errors import HubError

# Where a draft of a kind is finished: the name of an address that takes the job's number.
DRAFT_PAGES: dict[str, str] = {}


@admin.register(Job)
class JobAdmin(ConsoleAdmin):
    may_view = May.EXPORT
    empty_hint = "No job yet. Imports and exports appear here while they run, and a week long with their files."

    list_display = ("title", "progress", "outcome", "asked_by", "account", "created_at")
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", DaysFilter))
    list_select_related = ("account",)
    search_fields = ("title", "created_by_name")
    search_help_text = "Search titles and who asked"
    ordering = ("-created_at", "-id")
    change_form_outer_before_template = "console/job.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("title", "account", "asked_by", "consent", "created_at", "started_at", "finished_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @column("Asked by", order="created_by_name")
    def asked_by(self, job: Job) -> str:
        return job.created_by_name

    @column("Consent")
    def consent(self, job: Job) -> str | None:
        """Of an import: where people agreed to be written to."""
        said: str | None = job.options.get(jobs.CONSENT)
        return said

    @column("Progress", order="state")
    def progress(self, job: Job) -> SafeString:
        return render_to_string("console/job_progress.html", {"job": job, "said": told(job)})

    @column("Came of it")
    def outcome(self, job: Job) -> str | None:
        return job.problem or ", ".join(f"{number:,} {name}" for name, number in job.counts.items()) or None

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own: list[URLPattern] = [
            path("<int:pk>/progress/", wrap(self.poll), name="accounts_job_progress"),
            path("<int:pk>/cancel/", wrap(self.cancel), name="accounts_job_cancel"),
            path("<int:pk>/file/<str:role>/", wrap(self.download), name="accounts_job_file"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        job: Job | None = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if job is not None:
            page = DRAFT_PAGES.get(job.kind) if job.state == Job.State.DRAFT else None
            more |= {
                "job": job,
                "said": told(job),
                "files": [file for file in job.files.all() if file.role != job_files.Role.INPUT],
                "may_read": self._may_read(request, job),
                "may_cancel": job.state not in Job.OVER and self._may(request, jobs.may_of(job), job),
                "draft_url": reverse(page, args=[job.pk]) if page else "",
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def poll(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A few bytes for the bar."""
        job = self._job(request, pk)
        said = {"said": told(job), "percent": job.percent, "over": job.state in Job.OVER}
        return JsonResponse(said)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        if request.method != "POST":
            raise Http404
        if not self._may(request, jobs.may_of(job), job):
            raise PermissionDenied
        try:
            jobs.cancel(job=job, actor=self.actor(request))
            self.message_user(request, "Cancelled. What was done until now stays.", messages.SUCCESS)
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:accounts_job_change", args=[pk]))

    def download(self, request: HttpRequest, pk: int, role: str) -> StreamingHttpResponse:
        """For whoever asked for the job, while their role still covers it."""
        job = self._job(request, pk)
        if not self._may_read(request, job):
            raise PermissionDenied
        try:
            file = job_files.of(job=job, role=role)
        except HubError:
            raise Http404 from None
        if role == job_files.Role.INPUT:
            raise Http404
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Content-Length": str(file.size),
        }
        return StreamingHttpResponse(job_files.read(file=file), content_type=file.content_type, headers=headers)

    def _job(self, request: HttpRequest, pk: int) -> Job:
        job: Job | None = self.get_object(request, str(pk))
        if job is None:
            raise Http404
        return job

    def _may_read(self, request: HttpRequest, job: Job) -> bool:
        return job.created_by == self.actor(request).code and self._may(request, jobs.may_of(job), job)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows: QuerySet[Job] = super().get_queryset(request)
        return rows.defer("place")


def told(job: Job) -> str:
    """Where it stands, in words."""
    if job.state != Job.State.RUNNING or not job.done:
        return job.get_state_display()
    of = f" of {job.total:,}" if job.total is not None else ""
    return f"{job.done:,}{of}"
