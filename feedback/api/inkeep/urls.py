"""Below /inkeep; each address with and without a slash at the end, so that no client is ever redirected."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.inkeep.views import Feedback, Queries

urlpatterns = [
    re_path(r"^feedback/?$", Feedback.as_view({"get": "list", "post": "log"})),
    # Ids are the sender's own and may hold anything, a slash too.
    re_path(r"^feedback/(?P<id>.+?)/?$", Feedback.as_view({"get": "retrieve", "delete": "destroy"})),
    re_path(r"^query/feedback/?$", Queries.as_view({"post": "ask"})),
    re_path(r"^query/feedback/export/?$", Queries.as_view({"post": "export"})),
    re_path(r"^query/property-keys/?$", Queries.as_view({"post": "keys"})),
    re_path(r"^query/property-values/?$", Queries.as_view({"post": "values"})),
]
