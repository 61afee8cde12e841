"""Feedback records over the Formbricks Hub contract."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.hub import generations, query, shapes, wire
from feedback.api.hub.contract import HUB
from feedback.domain import records
from feedback.domain.queries import records as queries
from feedback.domain.queries.records import Position
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import ContractViewSet


class FeedbackRecords(ContractViewSet):
    """One record at a time; each method is one domain call."""

    contract = HUB
    untracked = frozenset({"create"})

    @describe("Store one answer", body=shapes.NewRecord, answers={201: shapes.Record})
    def create(self, request: Request) -> HttpResponse:
        body = self.json_object()
        dialect = generations.of_body(request._request, body, create=True)
        record = records.create(account=self.account, draft=wire.parse_create(body, dialect), actor=self.actor)
        return self.reply(wire.render(record, dialect), 201)

    @describe("List answers", query=[*shapes.FILTERS, *shapes.PAGING], answers={200: shapes.Page})
    def list(self, request: Request) -> HttpResponse:
        dialect = generations.of_query(request._request, request.query_params, listing=True)
        asked = query.parse_list(request.query_params, dialect, by_sdk=generations.sent_by_sdk(request._request))
        # One more than asked for tells whether there is a next page.
        found = queries.page(
            account=self.account,
            wanted=asked.wanted,
            limit=asked.limit + 1,
            sort=asked.sort,
            descending=asked.descending,
            after=asked.after,
            offset=asked.offset,
        )
        shown = found[: asked.limit]
        answer: dict[str, Any] = {"data": [wire.render(record, dialect) for record in shown], "limit": asked.limit}
        if dialect.legacy:
            answer["total"] = queries.count(account=self.account, wanted=asked.wanted)
            answer["offset"] = asked.offset
        if len(found) > asked.limit:
            last = Position(getattr(shown[-1], asked.sort), shown[-1].pk)
            answer["next_cursor"] = query.cursor_of(last, asked.sort, asked.descending)
        return self.reply(answer)

    @describe("Count answers", query=shapes.FILTERS, answers={200: shapes.Count})
    def count(self, request: Request) -> HttpResponse:
        dialect = generations.of_query(request._request, request.query_params, listing=True)
        wanted = query.parse_count(request.query_params, dialect, by_sdk=generations.sent_by_sdk(request._request))
        return self.reply({"count": queries.count(account=self.account, wanted=wanted)})

    @describe("Read one answer", answers={200: shapes.Record})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        dialect = generations.of_query(request._request, {}, listing=False)
        return self.reply(wire.render(queries.record_for(account=self.account, id=query.uuid_of(id)), dialect))

    @describe("Correct one answer", body=shapes.Answered, answers={200: shapes.Record})
    def partial_update(self, request: Request, id: str) -> HttpResponse:
        record_id = query.uuid_of(id)
        body = self.json_object()
        dialect = generations.of_body(request._request, body, create=False)
        changes = wire.parse_changes(body, dialect)
        record = records.correct(account=self.account, record_id=record_id, changes=changes, actor=self.actor)
        return self.reply(wire.render(record, dialect))

    @describe("Erase one answer", answers={204: None})
    def destroy(self, request: Request, id: str) -> HttpResponse:
        records.delete(account=self.account, record_id=query.uuid_of(id), actor=self.actor)
        return HttpResponse(status=204)

    @describe("Erase a person's answers", query=shapes.ERASURE, answers={200: shapes.Erased})
    def erase(self, request: Request) -> HttpResponse:
        generations.of_query(request._request, request.query_params, listing=False)
        user, tenant = query.parse_erasure(request.query_params)
        deleted = records.delete_of_user(account=self.account, user_id=user, tenant_id=tenant, actor=self.actor)
        return self.reply({"deleted_count": deleted, "message": f"Successfully deleted {deleted} feedback records"})
