"""The page behind a message's unsubscribe link. GET shows, POST stores: mail scanners open every link.

The POST also comes from mail programs by themselves (RFC 8058): no cookie, no form token, no redirect, and 200 with
the same page. A link works as long as the message is kept.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.domain.branding import brand_of
from campaigns.domain import unsubscribing
from campaigns.views.landing import public


@public
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    message = unsubscribing.message_by_token(token)
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        unsubscribing.unsubscribe(message=message, how="one-click" if one_click else "page")
    context = {
        "brand": brand_of(message.account),
        "language": message.account.language,
        "done": unsubscribing.is_unsubscribed(message),
        "here": f"/u/{token}",
    }
    return render(request, "campaigns/unsubscribe/page.html", context)
