"""Pages about joining; signing in itself is allauth's."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from accounts.views.digest import stop
from accounts.views.invite import invite


def not_served(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("invite", invite, name="invite"),
    path("invite/", invite),
    path("digest/<str:token>/stop", stop, name="digest_stop"),
    # Before allauth's: a user has one address, which their invitation was sent to.
    path("accounts/email/", not_served),
]
