"""Pages that the people we write to open: the token in the address is all it takes; no sign-in, no cookie."""

from __future__ import annotations

from django.urls import URLPattern, path

from campaigns.views import landing, unsubscribe


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
]
