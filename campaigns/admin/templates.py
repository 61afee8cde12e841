"""Message templates: written, checked, and seen as they will arrive."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.base import ConsoleAdmin
from accounts.admin.filters import ReachedFilter
from accounts.domain.roles import May
from campaigns.admin import template_editor
from campaigns.admin.mail_frame import mail_frame
from campaigns.domain import linting, templates
from campaigns.domain.rendering import Rendered, values
from campaigns.domain.rendering.language import TemplateError
from campaigns.domain.rendering.preview import preview
from campaigns.models import MessageTemplate
from feedbackhub.errors import HubError


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ConsoleAdmin):
    may_view = May.SEND_REQUESTS
    may_add = may_change = may_delete = May.EDIT_TEMPLATES
    soft_removal = True
    empty_hint = "No template yet. A new account starts with one e-mail and one SMS; add your own here."

    list_display = ("name", "channel", "question", "subject", "account", "updated_at")
    list_filter = (("channel", ChoicesDropdownFilter), ("account", ReachedFilter))
    list_select_related = ("account",)
    search_fields = ("name", "subject", "public_id")
    search_help_text = "Search names and subjects"
    ordering = ("name", "id")
    readonly_fields = ("public_id",)
    fieldsets = (
        (None, {"fields": ("account", ("name", "public_id"), ("channel", "question"))}),
        ("Words", {"fields": ("subject", "body", "text_body")}),
    )
    change_form_outer_after_template = "console/template_after.html"

    class Media:
        js = ("console/template.js",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("body", "text_body"):
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 12 if db_field.name == "body" else 5})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "body":
            known = ", ".join(f"{{{{ {name} }}}}" for name in sorted(values.names()))
            field.help_text = f"Liquid. Must contain {{{{ link }}}}. There are: {known}."
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "channel"] if obj is not None else fixed

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own: list[URLPattern] = [
            path("<int:pk>/mail/", view(self.mail), name="campaigns_messagetemplate_mail"),
            path("<int:pk>/try/", view(self.try_out), name="campaigns_messagetemplate_try"),
            path("<int:pk>/test/", view(self.test), name="campaigns_messagetemplate_test"),
        ]
        return [*own, *super().get_urls()]

    def try_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The template as typed, in a frame beside the form."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return template_editor.frame(self._template(request, pk), request)

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The template as typed, sent to somebody on the team."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        template = self._template(request, pk)
        if not self.has_change_permission(request, template):
            raise PermissionDenied
        try:
            self.message_user(request, template_editor.send_test(template, request), messages.SUCCESS)
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:campaigns_messagetemplate_change", args=[pk]))

    def _template(self, request: HttpRequest, pk: int) -> MessageTemplate:
        template: MessageTemplate | None = self.get_object(request, str(pk))
        if template is None:
            raise Http404
        return template

    def mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        template = self._template(request, pk)
        if template.channel == MessageTemplate.Channel.SMS:
            return template_editor.frame(template, request)
        seen = _preview(template)
        return mail_frame(seen.html if isinstance(seen, Rendered) else seen)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        template = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if template is not None:
            seen = _preview(template)
            rendered = seen if isinstance(seen, Rendered) else None
            more |= {"preview": seen, "findings": linting.lint(template=template, rendered=rendered)}
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> MessageTemplate:
        return templates.create(**data, actor=self.actor(request))

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        templates.update(template=obj, changes=changed, actor=self.actor(request))
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        templates.delete(template=obj, actor=self.actor(request))
        return True


def _preview(template: MessageTemplate) -> Rendered | str:
    """The rendered template, or why it cannot be rendered."""
    try:
        return preview(template)
    except TemplateError as error:
        return f"This template {error}."
