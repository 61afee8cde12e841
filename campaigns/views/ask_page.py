"""A tablet at the counter, and the permanent link behind a QR code: a question, perhaps a comment, thanks.

No session, no cookie, no script: every reply is the next page, and a tablet goes back to the question by itself. GET
stores nothing. A form sent twice (double tap, reload) is one answer: its token is good once.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns.domain import ask_pages, words
from campaigns.domain.landing import Page, Step
from campaigns.models import AskPage
from campaigns.views import landing_form, landing_limits, speaking
from campaigns.views.landing import FORM, NOTHING_CHOSEN, STALE, TRAPPED, public
from feedback.domain.responses import COMMENT_LENGTH
from feedbackhub.errors import Invalid, NotFound
from feedbackhub.ids import new_code

# Seconds until a tablet is ready for the next guest.
RESET = {Step.COMMENT: 60, Step.DONE: 8, Step.CLOSED: 60}
KIOSK = "kiosk"


@public
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, prefix: str, token: str) -> HttpResponse:
    """`prefix` is "kiosk" or "l"."""
    found = ask_pages.by_token(token)
    if request.method == "POST":
        return _store(request, prefix, found)
    if request.GET.get("step") == "done":
        return _show(request, prefix, found, ask_pages.after(page=found, response=None, step=Step.DONE))
    return _show(request, prefix, found, ask_pages.question(found), chosen=request.GET.get("score"))


def _store(request: HttpRequest, prefix: str, found: AskPage) -> HttpResponse:
    if request.content_type != FORM:
        return HttpResponse(f"Send {FORM}.", content_type="text/plain", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    form = request.POST
    if landing_form.is_trapped(form):
        return _again(request, prefix, found, TRAPPED, HTTPStatus.BAD_REQUEST)
    if not _is_ours(found, form.get("form", "")):
        return _again(request, prefix, found, STALE, HTTPStatus.FORBIDDEN)
    try:
        if "answer" in form:
            return _comment(request, prefix, found)
        score = landing_form.parse_score(form.get("score"))
        if score is None:
            return _again(request, prefix, found, NOTHING_CHOSEN, HTTPStatus.BAD_REQUEST)
        if not landing_limits.first_time(form["form"]):
            return _show(request, prefix, found, ask_pages.after(page=found, response=None, step=Step.DONE))
        given = ask_pages.answer(page=found, score=score, by="kiosk" if prefix == KIOSK else "link")
    except Invalid as error:
        return _again(request, prefix, found, speaking.problem_of(error), HTTPStatus.BAD_REQUEST)
    if given is None:
        return _show(request, prefix, found, ask_pages.question(found))
    shown = ask_pages.after(page=found, response=given, step=Step.COMMENT)
    return _show(request, prefix, found, shown, answer=_signer(found).sign(given.public_id))


def _comment(request: HttpRequest, prefix: str, found: AskPage) -> HttpResponse:
    try:
        code = _signer(found).unsign(request.POST["answer"], max_age=ask_pages.COMMENT_TIME)
        shown = ask_pages.comment(page=found, response=code, text=request.POST.get("comment", ""))
    except (BadSignature, NotFound):
        # The guest is gone; nothing can be joined to their answer any more.
        shown = ask_pages.question(found)
    return _show(request, prefix, found, shown)


def _again(request: HttpRequest, prefix: str, found: AskPage, problem: str, status: int) -> HttpResponse:
    shown, chosen = ask_pages.question(found), request.POST.get("score")
    return _show(request, prefix, found, shown, chosen=chosen, problem=problem, status=status)


def _show(
    request: HttpRequest,
    prefix: str,
    found: AskPage,
    shown: Page,
    *,
    chosen: str | None = None,
    problem: str = "",
    answer: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    at_counter = prefix == KIOSK
    # A tablet's browser says nothing about the guest before it.
    language = words.choose(*shown.languages) if at_counter else speaking.language_of(request, shown)
    context: dict[str, Any] = {
        "page": shown,
        "brand": shown.brand,
        "language": language,
        "here": f"/{prefix}/{found.token}",
        "nameless": True,
        "kiosk": at_counter,
        "reset": RESET.get(shown.step) if at_counter else None,
        # A guest at the counter has a phone of their own for that.
        "review_links": () if at_counter else shown.review_links,
        "form_token": _signer(found).sign(new_code()),
        "answer": answer,
        "choices": landing_form.choices(shown.kind, language),
        "chosen": landing_form.preselected(shown.kind, chosen),
        "comment_length": COMMENT_LENGTH,
        "problem": speaking.tell(language, problem),
    }
    if shown.step is Step.CLOSED:
        status = HTTPStatus.GONE
    response = render(request, f"campaigns/landing/{shown.step}.html", context, status=status)
    if context["review_links"]:
        schemes = sorted({f"{urlsplit(link.url).scheme}:" for link in shown.review_links})
        response._csp_update = {"form-action": schemes}  # type: ignore[attr-defined]
    return response


def _is_ours(found: AskPage, sent: str) -> bool:
    try:
        _signer(found).unsign(sent, max_age=landing_form.FORM_LIFE)
    except BadSignature:
        return False
    return True


def _signer(found: AskPage) -> TimestampSigner:
    return TimestampSigner(salt=f"campaigns.ask_page:{found.token}")
