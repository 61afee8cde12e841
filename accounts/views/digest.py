"""The page behind a digest's link that ends digests. GET shows, POST ends: mail scanners open every link.

The POST also comes from mail programs by themselves (RFC 8058): no cookie and no form token.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.domain import digests
from feedbackhub.errors import NotFound


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    try:
        user = digests.user_by_token(token)
    except NotFound:
        return render(request, "account/digest_stop.html", {"gone": True}, status=HTTPStatus.NOT_FOUND)
    if request.method == "POST":
        digests.end(user=user)
    return render(request, "account/digest_stop.html", {"choice": digests.choice_of(user)})
