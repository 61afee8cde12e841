"""A tenant's data and settings over the Formbricks Hub contract."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.hub import shapes_more as shapes
from feedback.api.hub.contract import HUB, SETTINGS_BODY
from feedback.api.hub.query import tenant_of
from feedback.domain import tenants
from feedbackhub.api.openapi import JSON_TYPE, describe
from feedbackhub.api.views import ContractViewSet

# What there is none of here: there is no taxonomy.
NOTHING_OF = (
    "taxonomy_runs",
    "taxonomy_clusters",
    "taxonomy_cluster_memberships",
    "taxonomy_nodes",
    "taxonomy_active_runs",
    "taxonomy_node_events",
    "taxonomy_run_input_records",
)
MERGE_PATCH = "application/merge-patch+json"


class TenantData(ContractViewSet):
    """Erasing, at once or in the background. No webhook is told."""

    contract = HUB

    @describe("Erase all that a tenant has", answers={200: shapes.ErasedTenant})
    def erase(self, request: Request, tenant_id: str) -> HttpResponse:
        tenant = tenant_of(tenant_id)
        erased = tenants.erase(account=self.account, tenant_id=tenant, actor=self.actor)
        return self.reply(
            {
                "tenant_id": tenant,
                "deleted_feedback_records": erased.records,
                "deleted_embeddings": erased.embeddings,
                "deleted_webhooks": erased.webhooks,
                **{f"deleted_{name}": 0 for name in NOTHING_OF},
                "message": f"Successfully deleted tenant data for {tenant}",
            }
        )

    @describe("Have a tenant's answers erased in the background", answers={202: shapes.AcceptedPurge})
    def purge(self, request: Request, tenant_id: str) -> HttpResponse:
        tenant = tenant_of(tenant_id)
        tenants.ask_for_purge(account=self.account, tenant_id=tenant, actor=self.actor)
        message = f"Feedback records purge accepted for {tenant}"
        return self.reply({"tenant_id": tenant, "status": "accepted", "message": message}, 202)


class Settings(ContractViewSet):
    """What a tenant wishes for its enrichments."""

    contract = HUB
    max_body_bytes = SETTINGS_BODY

    @describe("Read a tenant's settings", answers={200: shapes.Settings})
    def retrieve(self, request: Request, tenant_id: str) -> HttpResponse:
        tenant = tenant_of(tenant_id)
        found = tenants.settings_of(account=self.account, tenant_id=tenant)
        return self.reply({"tenant_id": tenant, "settings": found})

    @describe("Replace a tenant's settings", body=shapes.Wishes, answers={200: shapes.Settings})
    def update(self, request: Request, tenant_id: str) -> HttpResponse:
        tenant, body = tenant_of(tenant_id), self.json_object()
        found = tenants.replace_settings(account=self.account, tenant_id=tenant, settings=body, actor=self.actor)
        return self.reply({"tenant_id": tenant, "settings": found})

    @describe(
        "Change some of a tenant's settings",
        body=shapes.Wishes,
        body_types=(MERGE_PATCH, JSON_TYPE),
        answers={200: shapes.Settings},
    )
    def partial_update(self, request: Request, tenant_id: str) -> HttpResponse:
        tenant, body = tenant_of(tenant_id), self.json_object()
        found = tenants.merge_settings(account=self.account, tenant_id=tenant, changes=body, actor=self.actor)
        return self.reply({"tenant_id": tenant, "settings": found})
