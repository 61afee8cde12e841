"""Relative to /v1.3/. A user is created and deleted; the document has no update."""

from __future__ import annotations

from accounts.api.feedbackapi.views import AccountViewSet, UserViewSet
from feedbackhub.api.feedbackapi.routes import Actions, routes

USER: Actions = {"get": "retrieve", "delete": "destroy"}

urlpatterns = [*routes("accounts", AccountViewSet), *routes("users", UserViewSet, member=USER)]
