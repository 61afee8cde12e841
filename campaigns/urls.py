"""Pages that the people we write to open: the token in the address is all it takes; no sign-in, no cookie."""

from __future__ import annotations

from django.urls import URLPattern, path

from campaigns.views import ask_page, landing, unsubscribe
from campaigns.webhooks import anymail, relay, sns, twilio


def landing_routes(prefix: str) -> list[URLPattern]:
    """The landing page under one prefix, with and without the slash that some clients add."""
    given = {"prefix": prefix}
    return [
        path(f"{prefix}/<str:token>", landing.page, given, name=f"landing-{prefix}"),
        path(f"{prefix}/<str:token>/", landing.page, given),
        path(f"{prefix}/<str:token>/seen", landing.seen, given),
        path(f"{prefix}/<str:token>/go/<str:key>", landing.go, given),
    ]


urlpatterns = [
    *landing_routes("f"),
    *landing_routes("fb"),
    path("u/<str:token>", unsubscribe.page, name="unsubscribe"),
    path("u/<str:token>/", unsubscribe.page),
    # A location's standing page: on a tablet, and behind a QR code.
    path("kiosk/<str:token>", ask_page.page, {"prefix": "kiosk"}, name="kiosk"),
    path("l/<str:token>", ask_page.page, {"prefix": "l"}, name="permanent-link"),
    path("l/<str:token>/", ask_page.page, {"prefix": "l"}),
    # What providers call, each checked by the secret of the provider that the code names ("hub": the hub's own).
    path("hooks/twilio/<slug:code>/status/<uuid:attempt>", twilio.status),
    path("hooks/twilio/<slug:code>/incoming", twilio.incoming),
    path("hooks/sns/<slug:code>", sns.notified),
    path("hooks/mail/<slug:code>", anymail.reported),
    path("hooks/relay/<slug:code>/<slug:channel>", relay.reported),
]
