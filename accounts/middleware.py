"""Who is signed in goes into the audit trail; the browser they sign in with is remembered."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import devices
from accounts.domain import actors
from accounts.models import User
from feedbackhub.api.mounts import is_call

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def acting_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Wrap writes of a signed-in user in their audit context. Calls of the APIs act as their key."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_call(request):
            return get_response(request)
        user = request.user
        if request.method in SAFE:
            return get_response(request)
        if isinstance(user, User):
            with actors.acting(actors.from_user(user), request_id=getattr(request, "request_id", "")):
                response = get_response(request)
        else:
            response = get_response(request)
        # Signing in is always a POST.
        devices.remember(request, response)
        return response

    return middleware
