"""The page behind an invitation's link. GET shows, POST joins: mail scanners open every link."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.domain import invitations
from accounts.domain.branding import brand_of
from accounts.models import Invitation, User
from accounts.views.forms import ConfirmForm, JoinForm
from feedbackhub.api import limits
from feedbackhub.errors import Conflict, Invalid, NotFound, Refused
from feedbackhub.http import client_ip

# A minute; nobody mistypes more.
MISSES_PER_ADDRESS = 20


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("code", "")
    try:
        invitation = invitations.open_by_token(token)
        form = _form(request, invitation)
        if request.method == "POST" and form is not None and form.is_valid():
            return _join(request, token, form)
    except NotFound as error:
        return _missed(request, error.message)
    except invitations.SignInFirst:
        # The address got its sign-in after the page was shown.
        return redirect(request.get_full_path())
    except (Refused, Conflict) as error:
        return _gone(request, error.message, HTTPStatus.GONE)
    except _Again as again:
        form = again.form
    return _show(request, invitation, form)


class _Again(Exception):
    """The form goes back to the person, with what is wrong."""

    def __init__(self, form: forms.Form) -> None:
        self.form = form


def _form(request: HttpRequest, invitation: Invitation) -> forms.Form | None:
    """What is asked; None when the address has a sign-in that is not the one in use here."""
    sent = request.POST if request.method == "POST" else None
    if not invitations.needs_sign_in(invitation):
        return JoinForm(sent)
    if isinstance(request.user, User) and request.user.email == invitation.email:
        return ConfirmForm(sent)
    return None


def _join(request: HttpRequest, token: str, form: forms.Form) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    try:
        member = invitations.accept(token=token, user=user, **form.cleaned_data).user
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.name, problem.message)
        raise _Again(form) from None
    if user != member:
        login(request, member, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(settings.LOGIN_REDIRECT_URL)


def _show(request: HttpRequest, invitation: Invitation, form: forms.Form | None) -> HttpResponse:
    context = {
        "brand": brand_of(invitation.account),
        "invitation": invitation,
        "form": form,
        "sign_in_first": form is None,
        "sign_in_url": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}",
    }
    status = HTTPStatus.BAD_REQUEST if form is not None and form.errors else HTTPStatus.OK
    return render(request, "account/invite.html", context, status=status)


def _missed(request: HttpRequest, reason: str) -> HttpResponse:
    """A link that leads nowhere is counted: guessing is pointless, and this says so early."""
    if not limits.take(f"invite:miss:{client_ip(request)}", MISSES_PER_ADDRESS).allowed:
        response = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = "60"
        return response
    return _gone(request, reason, HTTPStatus.NOT_FOUND)


def _gone(request: HttpRequest, reason: str, status: HTTPStatus) -> HttpResponse:
    return render(request, "account/invite_gone.html", {"reason": reason}, status=status)
