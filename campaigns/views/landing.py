"""The landing page of a request: GET shows, POST stores; no session, no cookie, no script needed.

Exempt from CSRF because there is no cookie a foreign site could ride on; the signed form token takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.domain import landing, words
from campaigns.domain.landing import Page, Step
from campaigns.views import landing_form, landing_limits, speaking
from feedback.domain.responses import COMMENT_LENGTH
from feedbackhub.errors import Invalid, NotFound

# Each view takes the prefix it was reached by (f or fb) and the link's token.
View = Callable[..., HttpResponse]

HEADERS = {
    # The address is the secret: neither caches nor the next site may have it.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
FORM = "application/x-www-form-urlencoded"
# Keys of campaigns.domain.words.
STALE, TRAPPED, NOTHING_CHOSEN = "stale", "trapped", "nothing_chosen"


class SeeOther(HttpResponseRedirect):
    status_code = HTTPStatus.SEE_OTHER


def public(view: View) -> View:
    """Headers of every landing reply; one and the same page for every link that leads nowhere."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, prefix: str, token: str, **more: str) -> HttpResponse:
        try:
            response = landing_limits.refusal(request, token) or view(request, prefix, token, **more)
        except NotFound:
            response = landing_limits.missed(request) or missing(request)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return wrapped


def missing(request: HttpRequest) -> HttpResponse:
    context = {"language": words.choose(*speaking.accepted(request))}
    return render(request, "campaigns/landing/missing.html", context, status=HTTPStatus.NOT_FOUND)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, prefix: str, token: str) -> HttpResponse:
    if request.method == "POST":
        return _store(request, prefix, token)
    shown = landing.view(token=token, skip_comment=request.GET.get("step") == "done")
    return _show(request, prefix, token, shown, chosen=request.GET.get("score"))


@public
@require_POST
def seen(request: HttpRequest, prefix: str, token: str) -> HttpResponse:
    """The page's script tells that somebody moved, typed or touched; a scanner's GET never comes here."""
    if landing_form.token_is_good(token, request.POST.get("form", ""), at_least=landing_form.HASTE):
        landing.seen(token=token)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def go(request: HttpRequest, prefix: str, token: str, key: str) -> HttpResponse:
    """On to a review page. A form's POST, not a link: a scanner that follows links would count as a person."""
    done = f"/{prefix}/{token}?step=done"
    if request.method != "POST" or not landing_form.token_is_good(token, request.POST.get("form", "")):
        return SeeOther(done)
    return SeeOther(landing.follow(token=token, key=key))


def _store(request: HttpRequest, prefix: str, token: str) -> HttpResponse:
    if request.content_type != FORM:
        return HttpResponse(f"Send {FORM}.", content_type="text/plain", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    form, sent = request.POST, request.POST.get("form", "")
    if landing_form.is_trapped(form):
        return _again(request, prefix, token, TRAPPED, HTTPStatus.BAD_REQUEST)
    if not landing_form.token_is_good(token, sent):
        return _again(request, prefix, token, STALE, HTTPStatus.FORBIDDEN)
    try:
        now = landing.answer(
            token=token,
            score=landing_form.parse_score(form.get("score")),
            comment=form.get("comment", ""),
            suspicions=landing_form.suspicions(token, sent),
        )
    except Invalid as error:
        return _again(request, prefix, token, speaking.problem_of(error), HTTPStatus.BAD_REQUEST)
    if now.step is Step.QUESTION:
        return _again(request, prefix, token, NOTHING_CHOSEN, HTTPStatus.BAD_REQUEST)
    # A comment sent blank is a comment declined.
    declined = now.step is Step.COMMENT and "comment" in form
    return SeeOther(f"/{prefix}/{token}?step=done" if declined else f"/{prefix}/{token}")


def _again(request: HttpRequest, prefix: str, token: str, problem: str, status: int) -> HttpResponse:
    """The page once more, with what was filled in and what is wrong with it."""
    return _show(
        request,
        prefix,
        token,
        landing.view(token=token),
        chosen=request.POST.get("score"),
        comment=request.POST.get("comment", ""),
        problem=problem,
        status=status,
    )


def _show(
    request: HttpRequest,
    prefix: str,
    token: str,
    shown: Page,
    *,
    chosen: str | None = None,
    comment: str = "",
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    language = speaking.language_of(request, shown)
    context: dict[str, Any] = {
        "language": language,
        "page": shown,
        "brand": shown.brand,
        "here": f"/{prefix}/{token}",
        "form_token": landing_form.issue_token(token),
        "choices": landing_form.choices(shown.kind, language),
        "chosen": landing_form.preselected(shown.kind, chosen),
        "comment": comment,
        "comment_length": COMMENT_LENGTH,
        "problem": speaking.tell(language, problem),
    }
    if shown.step is Step.CLOSED:
        status = HTTPStatus.GONE
    response = render(request, f"campaigns/landing/{shown.step}.html", context, status=status)
    if shown.review_links:
        # Browsers hold a form's redirects against form-action, and review sites redirect on their own hosts: allow
        # the schemes the stored addresses use. Everything on the page is escaped; nobody can add a form to it.
        schemes = sorted({f"{urlsplit(link.url).scheme}:" for link in shown.review_links})
        response._csp_update = {"form-action": schemes}  # type: ignore[attr-defined]
    return response
