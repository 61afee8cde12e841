"""Below /v3/rest; each address with and without a slash at the end, so that no client is ever redirected."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.buildbetter.views import People, Records, Sources

SOURCE = r"^feedback-sources/(?P<source_id>[0-9]{1,19})"

urlpatterns = [
    re_path(r"^feedback-sources/?$", Sources.as_view({"get": "list", "post": "create"})),
    re_path(r"^feedback-sources/(?P<id>[0-9]{1,19})/?$", Sources.as_view({"get": "retrieve"})),
    re_path(SOURCE + r"/records/?$", Records.as_view({"get": "list", "post": "create"})),
    re_path(
        SOURCE + r"/records/(?P<id>[0-9]{1,19})/?$",
        Records.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    re_path(r"^people/?$", People.as_view({"get": "list", "put": "upsert"})),
    re_path(r"^people/(?P<id>[0-9]{1,19})/?$", People.as_view({"get": "retrieve"})),
]
