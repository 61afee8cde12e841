"""The page on which people choose their digest by mail, with what today's would say."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.admin.reach import one_account
from accounts.domain import digests
from accounts.models import DigestChoice, User
from accounts.models.account import time_zone_names
from feedback.domain import digest
from feedbackhub.errors import Invalid


class DigestForm(forms.Form):
    every = forms.ChoiceField(choices=DigestChoice.Every.choices, label="How often")
    time_zone = forms.ChoiceField(label="At eight in the morning in")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["time_zone"].choices = [(name, name) for name in sorted(time_zone_names())]  # type: ignore[attr-defined]


def show(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Only a signed-in user has a digest.")
    choice = digests.choice_of(user)
    form = DigestForm(request.POST if request.method == "POST" else None, initial=_initial(request, choice))
    if request.method == "POST" and form.is_valid():
        try:
            digests.choose(user=user, **form.cleaned_data)
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.name, problem.message)
        else:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(reverse("admin:digest"))
    parts = digest.of(user=user, since=_since(choice))
    context = {
        **admin.site.each_context(request),
        "title": "Digest by mail",
        "form": form,
        "parts": parts,
        "subject": digest.subject_of(parts, timezone.localdate()),
        "preview": render_to_string("feedback/mail/digest.txt", _without_secret(user, parts)) if parts else "",
    }
    return TemplateResponse(request, "console/digest.html", context)


def _initial(request: HttpRequest, choice: DigestChoice) -> dict[str, str]:
    account = one_account(request)
    zone = choice.time_zone if choice.pk or account is None else account.time_zone
    return {"every": choice.every, "time_zone": zone}


def _since(choice: DigestChoice) -> datetime:
    days = 7 if choice.every == DigestChoice.Every.WEEK else 1
    return timezone.now() - timedelta(days=days)


def _without_secret(user: User, parts: list[digest.Part]) -> dict[str, object]:
    return {**digest.context_of(user=user, parts=parts), "stop_url": "a link of your own"}
