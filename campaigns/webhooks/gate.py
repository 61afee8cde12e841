"""What every address that providers call has in common: POST only, no session, no cookie, short answers.

The body is read once, bounded, before anything is believed. A signature that does not fit is a 403 without a reason;
what fits but says nothing of ours is a 2xx, so that nobody repeats it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from feedbackhub.api import limits
from feedbackhub.errors import NotFound
from feedbackhub.http import client_ip

log = structlog.get_logger(__name__)

MAX_BYTES = 1024 * 1024
# A minute and address; providers that are let in are not counted.
REFUSALS = 60

Hook = Callable[..., HttpResponse]


class Forged(Exception):
    """The signature or secret does not fit; the text is for our log."""


class Unreadable(Exception):
    """Signed, and yet not what this provider sends."""


def hook(view: Hook) -> Hook:
    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, code: str, **more: str) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_BYTES or len(request.body) > MAX_BYTES:
            return _plain("Too large.", 413)
        try:
            return view(request, code, **more)
        except NotFound:
            return _refused(request, 404)
        except Forged as error:
            log.warning("webhook_refused", hook=view.__module__.rpartition(".")[2], why=str(error))
            return _refused(request, 403)
        except Unreadable as error:
            log.warning("webhook_unreadable", hook=view.__module__.rpartition(".")[2], why=str(error))
            return _plain("Not understood.", 400)

    return checked


def done() -> HttpResponse:
    return HttpResponse(status=204)


def _refused(request: HttpRequest, status: int) -> HttpResponse:
    verdict = limits.take(f"webhook:refused:{client_ip(request)}", REFUSALS)
    if verdict.allowed:
        return _plain("Not found." if status == 404 else "Refused.", status)
    response = _plain("Too many tries.", 429)
    response["Retry-After"] = str(verdict.retry_after)
    return response


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain", status=status)
