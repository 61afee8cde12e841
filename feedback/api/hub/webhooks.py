"""Webhook endpoints over the Formbricks Hub contract."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.hub import shapes_more as shapes
from feedback.api.hub import wire_webhooks as wire
from feedback.api.hub.contract import HUB, SMALL_BODY
from feedback.api.hub.query import uuid_of
from feedback.domain.queries import webhooks as queries
from feedback.domain.webhooks import endpoints
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import ContractViewSet


class Webhooks(ContractViewSet):
    """The key is in the answer to POST, and nowhere else."""

    contract = HUB
    max_body_bytes = SMALL_BODY

    @describe("Subscribe an address to a tenant's events", body=shapes.NewWebhook, answers={201: shapes.IssuedWebhook})
    def create(self, request: Request) -> HttpResponse:
        draft = wire.parse_create(self.json_object())
        return self.reply(
            wire.render_issued(endpoints.create(account=self.account, draft=draft, actor=self.actor)), 201
        )

    @describe("List webhooks", query=shapes.WEBHOOK_FILTERS, answers={200: shapes.WebhookPage})
    def list(self, request: Request) -> HttpResponse:
        asked = wire.parse_list(request.query_params)
        found = queries.page(
            account=self.account,
            limit=asked.limit + 1,
            tenant_id=asked.tenant_id,
            enabled=asked.enabled,
            after=asked.after,
        )
        shown = found[: asked.limit]
        answer: dict[str, Any] = {"data": [wire.render(each) for each in shown], "limit": asked.limit}
        if len(found) > asked.limit:
            answer["next_cursor"] = wire.cursor_of(shown[-1])
        return self.reply(answer)

    @describe("Read one webhook", answers={200: shapes.Webhook})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render(queries.endpoint_for(account=self.account, id=uuid_of(id))))

    @describe("Change one webhook", body=shapes.ChangedWebhook, answers={200: shapes.Webhook})
    def partial_update(self, request: Request, id: str) -> HttpResponse:
        webhook_id = uuid_of(id)
        changes = wire.parse_changes(self.json_object())
        changed = endpoints.change(account=self.account, id=webhook_id, changes=changes, actor=self.actor)
        return self.reply(wire.render(changed))

    @describe("Remove one webhook", answers={204: None})
    def destroy(self, request: Request, id: str) -> HttpResponse:
        endpoints.delete(account=self.account, id=uuid_of(id), actor=self.actor)
        return HttpResponse(status=204)
