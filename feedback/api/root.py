"""The root, where two originals have their addresses: `POST /feedback` is told apart by the body, and nowhere else.

An object with `messageId` is Inkeep's, all else is Leadping's: also what cannot be read, so that its answer has a
shape. Either view authenticates before it looks at anything; reading the body here tells only whom to ask.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from feedback.api.inkeep.contract import INKEEP
from feedback.api.inkeep.views import Feedback as Inkeep
from feedback.api.leadping.urls import triage
from feedback.api.leadping.views import Feedback as Leadping
from feedbackhub.api import bodies, parsers
from feedbackhub.api.errors import ApiError, Kind

inkeep = Inkeep.as_view({"post": "log"})
leadping = Leadping.as_view({"post": "create"})


@csrf_exempt
def feedback(request: HttpRequest) -> HttpResponseBase:
    """One view for two contracts; only POST is either's, and only Inkeep's is called by browsers, which ask first."""
    chosen = inkeep if request.method == "OPTIONS" or _is_inkeeps(request) else leadping
    return chosen(request)


def _is_inkeeps(request: HttpRequest) -> bool:
    if request.method != "POST":
        return False
    try:
        bodies.bound(request, INKEEP.max_body_bytes)
        raw = request.body
        # Settles most bodies without parsing them twice; an escape may spell any name.
        if b"messageId" not in raw and b"\\u" not in raw:
            return False
        body = parsers.loads(raw)
    except ApiError as error:
        # The view that answers meets it again and says so; of a body that came in pieces, what was read is gone.
        if error.kind is Kind.TOO_LARGE:
            request.META["CONTENT_LENGTH"] = str(INKEEP.max_body_bytes + 1)
        return False
    return isinstance(body, dict) and "messageId" in body


urlpatterns = [
    re_path(r"^feedback/?$", feedback),
    # Only one of the two has these, so they need no telling apart: its older client works with the host alone changed.
    *triage(schema=None),
]
