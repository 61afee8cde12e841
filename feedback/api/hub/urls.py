"""Below /v1; each address with and without a slash at the end, so that no client is ever redirected."""

from __future__ import annotations

from django.urls import re_path

from feedback.api.hub.enrichment import Enrichment, Taxonomy
from feedback.api.hub.search import Search
from feedback.api.hub.tenants import Settings, TenantData
from feedback.api.hub.views import FeedbackRecords
from feedback.api.hub.webhooks import Webhooks

# A tenant's name may hold anything, slashes (%2F) included; so what follows it decides.
TENANT = r"^tenants/(?P<tenant_id>[^\0]+)"

urlpatterns = [
    re_path(r"^feedback-records/?$", FeedbackRecords.as_view({"get": "list", "post": "create", "delete": "erase"})),
    re_path(r"^feedback-records/count/?$", FeedbackRecords.as_view({"get": "count"})),
    re_path(r"^feedback-records/search/semantic/?$", Search.as_view({"post": "by_meaning"})),
    re_path(r"^feedback-records/(?P<id>[^/]+)/similar/?$", Search.as_view({"get": "similar"})),
    re_path(
        r"^feedback-records/(?P<id>[^/]+)/?$",
        FeedbackRecords.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    re_path(r"^webhooks/?$", Webhooks.as_view({"get": "list", "post": "create"})),
    re_path(
        r"^webhooks/(?P<id>[^/]+)/?$",
        Webhooks.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    re_path(rf"{TENANT}/data/?$", TenantData.as_view({"delete": "erase"})),
    re_path(rf"{TENANT}/feedback-records/?$", TenantData.as_view({"delete": "purge"})),
    re_path(
        rf"{TENANT}/settings/?$", Settings.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"})
    ),
    re_path(rf"{TENANT}/enrichments/retry/?$", Enrichment.as_view({"post": "retry"})),
    re_path(r"^enrichment-status/?$", Enrichment.as_view({"get": "status"})),
    re_path(r"^taxonomy/fields/?$", Taxonomy.as_view({"get": "fields"})),
    re_path(r"^taxonomy/runs/?$", Taxonomy.as_view({"get": "list", "post": "start"})),
    re_path(r"^taxonomy/runs/active/tree/?$", Taxonomy.as_view({"get": "active"})),
    re_path(r"^taxonomy/runs/(?P<id>[^/]+)/?$", Taxonomy.as_view({"get": "run_of"})),
    re_path(r"^taxonomy/runs/(?P<id>[^/]+)/tree/?$", Taxonomy.as_view({"get": "tree"})),
    re_path(r"^taxonomy/runs/(?P<id>[^/]+)/record-counts/?$", Taxonomy.as_view({"get": "record_counts"})),
    re_path(r"^taxonomy/nodes/(?P<id>[^/]+)/?$", Taxonomy.as_view({"patch": "rename", "delete": "remove"})),
    re_path(r"^taxonomy/nodes/(?P<id>[^/]+)/records/?$", Taxonomy.as_view({"get": "records"})),
]
