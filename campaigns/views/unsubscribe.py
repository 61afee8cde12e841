"""The page behind a message's unsubscribe link: end messages, or some of them, and come back.

GET shows, POST stores: mail scanners open every link. The POST also comes from mail programs by themselves (RFC 8058):
no cookie, no form token, no redirect, and 200 with the same page. Thousands of them come from a handful of a mail
provider's addresses, so only links that lead nowhere are counted. A link works as long as the message is kept.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.domain.branding import brand_of
from campaigns.domain import unsubscribing
from campaigns.models import Message
from campaigns.views import landing_form, landing_limits, speaking
from campaigns.views.landing import HEADERS, STALE, missing
from feedbackhub.errors import NotFound


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    try:
        response = _show(request, unsubscribing.message_by_token(token))
    except NotFound:
        response = landing_limits.missed(request) or missing(request)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def _show(request: HttpRequest, message: Message) -> HttpResponse:
    problem = _change(request, message) if request.method == "POST" else ""
    preferences = unsubscribing.preferences(message)
    language = speaking.language_for(request, message.customer.language, message.account.language)
    context = {
        "brand": brand_of(message.account),
        "language": language,
        "done": "all" in preferences.ended or preferences.ended == {"email", "sms"},
        "ended": preferences.ended,
        "by_sms": preferences.by_sms,
        "problem": speaking.tell(language, problem),
        "form_token": landing_form.issue_token(message.unsubscribe_token),
        "here": f"/u/{message.unsubscribe_token}",
    }
    return render(request, "campaigns/unsubscribe/page.html", context, status=HTTPStatus.FORBIDDEN if problem else 200)


def _change(request: HttpRequest, message: Message) -> str:
    """Applies what was chosen; what is wrong with it (a key of campaigns.domain.words), or "".

    Ending messages needs nothing but the link, because mail programs do it by themselves. Wanting them again needs
    the page's own form, which no program sends by itself.
    """
    choice = request.POST.get("choice", "")
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if choice == "undo" and not one_click:
        if not landing_form.token_is_good(message.unsubscribe_token, request.POST.get("form", "")):
            return STALE
        unsubscribing.undo(message=message)
        return ""
    channel = choice if choice in ("email", "sms") and not one_click else "all"
    unsubscribing.unsubscribe(message=message, how="one-click" if one_click else "page", channel=channel)
    return ""
