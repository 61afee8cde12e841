"""A mail shown inside a page: a document of its own that runs nothing, loads nothing and cannot leave its frame."""

from __future__ import annotations

from django.http import HttpResponse

# Style attributes are how mails are made; links open a tab of their own.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def mail_frame(html: str) -> HttpResponse:
    base = '<base target="_blank">'
    head = html.lower().find("<head>")
    framed = f"{html[: head + 6]}{base}{html[head + 6 :]}" if head >= 0 else base + html
    response = HttpResponse(framed)
    response["Cache-Control"] = "no-store"
    # Both middlewares leave a response alone that says so itself.
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Content-Security-Policy"] = POLICY
    return response
