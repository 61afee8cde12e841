"""How the console looks and what its menu holds: the settings of the Unfold theme."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _static(path: str) -> Any:
    """Resolved per request: the hashed name is known only once static files are collected."""

    def url(request: HttpRequest) -> str:
        return static(path)

    return url


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "FeedbackHub",
    "SITE_HEADER": "FeedbackHub",
    "SITE_URL": None,
    "SITE_SYMBOL": "forum",
    "SITE_SUBHEADER": "accounts.admin.switcher.told",
    "SITE_DROPDOWN": "accounts.admin.switcher.menu",
    "DASHBOARD_CALLBACK": "campaigns.admin.today.context",
    "SITE_FAVICONS": [
        {"rel": "icon", "sizes": "any", "type": "image/svg+xml", "href": _static("console/favicon.svg")},
    ],
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "feedbackhub.console.environment_label",
    "STYLES": [_static("console/console.css")],
    "SCRIPTS": [_static("console/console.js"), _static("console/duplicates.js")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Digest by mail", "link": reverse_lazy("admin:digest")},
            {"title": "Change password", "link": reverse_lazy("account_change_password")},
            {"title": "Two-factor sign-in", "link": reverse_lazy("mfa_index")},
        ],
    },
    "SIDEBAR": {"navigation": "feedbackhub.console.navigation"},
}
