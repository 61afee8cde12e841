"""Thumbs on AI replies over the Inkeep contract."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.inkeep import shapes, wire
from feedback.api.inkeep.contract import INKEEP
from feedback.domain import thumbs
from feedback.domain.queries import thumbs as queries
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import ContractViewSet


class Feedback(ContractViewSet):
    """Log, list, get, delete. The client takes no success but exactly 200."""

    contract = INKEEP

    @describe("Log or update a thumb", body=shapes.NewThumb, answers={200: shapes.Thumb})
    def log(self, request: Request) -> HttpResponse:
        draft = wire.parse_thumb(self.json_object())
        return self.reply(wire.render(thumbs.log(account=self.account, draft=draft, actor=self.actor)))

    @describe("List thumbs", query=shapes.PAGING, answers={200: shapes.ThumbPage})
    def list(self, request: Request) -> HttpResponse:
        limit, offset = wire.parse_page(request.query_params)
        return self.reply(wire.render_page(queries.page(account=self.account, limit=limit, offset=offset)))

    @describe("Read one thumb", answers={200: shapes.ThumbInContext})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_in_context(queries.thumb_for(account=self.account, id=id)))

    @describe("Delete one thumb", answers={200: shapes.Deleted})
    def destroy(self, request: Request, id: str) -> HttpResponse:
        thumbs.delete(account=self.account, id=id, actor=self.actor)
        return self.reply({"success": True, "message": "Feedback deleted"})
