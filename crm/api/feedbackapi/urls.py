"""Relative to /v1.3/. The document's own samples call customers `subscribers` and `subscriber`."""

from __future__ import annotations

from crm.api.feedbackapi.views import CustomerViewSet
from feedbackhub.api.feedbackapi.routes import routes

urlpatterns = routes("customers", CustomerViewSet, aliases=("subscribers", "subscriber"))
