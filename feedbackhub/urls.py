"""The mount table: one screen, every public prefix but the probes, which feedbackhub/middleware.py answers.

A contract's mount lists its nouns and ends with its catch-all, which authenticates before it says that there is
nothing: see feedbackhub/api/urls.py.
"""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from feedback.api import root
from feedback.api.buildbetter.contract import BUILDBETTER
from feedback.api.hub.contract import HUB
from feedback.api.inkeep.contract import INKEEP
from feedback.api.leadping.contract import LEADPING
from feedbackhub.api import urls as kit
from feedbackhub.api.contract import Contract
from feedbackhub.api.feedbackapi.contract import FEEDBACKAPI
from feedbackhub.api.own.contract import API


def mount(prefix: str, contract: Contract, *modules: str) -> URLResolver:
    """Everything below a prefix answers in one contract's shape."""
    patterns: list[URLPattern | URLResolver] = [path("", include(module)) for module in modules]
    return path(prefix, include([*patterns, kit.catch_all(contract)]))


feedbackapi_nouns = [f"{app}.api.feedbackapi.urls" for app in ("accounts", "crm", "reviews", "campaigns")]

urlpatterns = [
    path("", RedirectView.as_view(url="/console/")),
    # Contracts
    mount("v1.3/", FEEDBACKAPI, *feedbackapi_nouns),
    path("", include("feedback.api.hub.document")),
    mount("v1/", HUB, "feedback.api.hub.urls"),
    mount("v3/rest/", BUILDBETTER, "feedback.api.buildbetter.urls"),
    mount("leadping/", LEADPING, "feedback.api.leadping.urls"),
    mount("inkeep/", INKEEP, "feedback.api.inkeep.urls"),
    path("", include(root)),
    mount("api/v1/", API, "feedback.api.v1.urls", "campaigns.api.v1.urls"),
    # Pages
    path("api/docs/", include("feedbackhub.api.docs")),
    path("", include("campaigns.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("console", RedirectView.as_view(url="/console/")),
    path("console/", admin.site.urls),
]

handler400 = kit.handler400
handler403 = kit.handler403
handler404 = kit.handler404
handler500 = kit.handler500
