"""Thumbs on AI replies over the Inkeep contract, and the query language over them."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.inkeep import export, query, shapes, wire
from feedback.api.inkeep.contract import INKEEP
from feedback.domain import thumbs
from feedback.domain.queries import thumb_query
from feedback.domain.queries import thumbs as queries
from feedbackhub.api.errors import ApiError, Kind
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import Access, ContractViewSet


class Feedback(ContractViewSet):
    """Log, list, get, delete. The client takes no success but exactly 200."""

    contract = INKEEP

    def check_scope(self, request: Request) -> None:
        super().check_scope(request)
        # Nor may the key that stands in web pages delete what it cannot see.
        if self.action == "destroy" and not self.caller.allows(INKEEP.name, "read"):
            raise ApiError(Kind.FORBIDDEN, "This key may not delete here.", details={"scope": "read"})

    @describe("Log or update a thumb", body=shapes.NewThumb, answers={200: shapes.Thumb})
    def log(self, request: Request) -> HttpResponse:
        # A key that may only write is one that stands in web pages.
        draft = wire.parse_thumb(self.json_object(), sure=self.caller.allows(INKEEP.name, "read"))
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


class Queries(ContractViewSet):
    """Questions by POST: they read, whatever their method."""

    contract = INKEEP
    access: ClassVar[dict[str, Access]] = dict.fromkeys(("ask", "export", "keys", "values"), "read")

    @describe("Query thumbs", body=shapes.Query, answers={200: shapes.QueryAnswer})
    def ask(self, request: Request) -> HttpResponse:
        asked = query.parse(self.json_object())
        return self.reply(wire.render_answer(thumb_query.answer(account=self.account, query=asked)))

    @describe("Export what a query finds, as CSV", body=shapes.Query, answers={(200, "text/csv"): {"type": "string"}})
    def export(self, request: Request) -> HttpResponse:
        asked = query.parse(self.json_object())
        with thumb_query.exported(account=self.account, query=asked) as (names, rows):
            written = export.written(names, rows)
        return HttpResponse(written, content_type=export.MEDIA_TYPE, headers=export.HEADERS)

    @describe("List the names of properties", body=shapes.PropertyKeys, answers={200: shapes.Results})
    def keys(self, request: Request) -> HttpResponse:
        field, where, of_thumbs = query.parse_keys(self.json_object())
        found = thumb_query.property_keys(account=self.account, column=field, where=where) if of_thumbs else []
        return self.reply({"results": found})

    @describe("List the values of a property", body=shapes.PropertyValues, answers={200: shapes.Results})
    def values(self, request: Request) -> HttpResponse:
        field, key, limit, of_thumbs = query.parse_values(self.json_object())
        if not of_thumbs:
            return self.reply({"results": []})
        found = thumb_query.property_values(account=self.account, column=field, key=key, at_most=limit)
        return self.reply({"results": found})
