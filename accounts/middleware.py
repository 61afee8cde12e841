"""Who is signed in goes into the audit trail."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.domain import actors
from accounts.models import User

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def acting_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Wrap writes of a signed-in user in their audit context."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if request.method in SAFE or not isinstance(user, User):
            return get_response(request)
        with actors.acting(actors.from_user(user), request_id=getattr(request, "request_id", "")):
            return get_response(request)

    return middleware
