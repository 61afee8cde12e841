"""Answers found by what they mean. Without a model: 503, whatever else is wrong with the call, as the original does."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.hub import search_query as query
from feedback.api.hub import shapes_more as shapes
from feedback.api.hub.contract import HUB, SMALL_BODY
from feedback.api.hub.enrichment import not_configured
from feedback.api.hub.query import uuid_of
from feedback.domain.semantic import model, search
from feedback.domain.semantic.search import Match, Place
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import ContractViewSet

ANSWERS = {200: shapes.Matches, 503: shapes.PROBLEM}


class Search(ContractViewSet):
    contract = HUB
    access = {"by_meaning": "read"}
    max_body_bytes = SMALL_BODY

    @describe("Search by meaning", query=shapes.SEARCH, body=shapes.Search, answers=ANSWERS)
    def by_meaning(self, request: Request) -> HttpResponse:
        if not model.available():
            not_configured("Semantic search")
        wanted = query.parse_wanted(request.query_params)
        words, tenant = query.parse_body(self.json_object())
        # One more than asked for tells whether there is a next page.
        found = search.by_meaning(
            account=self.account,
            tenant_id=tenant,
            words=words,
            at_least=wanted.at_least,
            limit=wanted.limit + 1,
            after=wanted.after,
        )
        return self.matches(found, wanted.limit)

    @describe("Similar answers", query=shapes.SEARCH, answers={**ANSWERS, 404: shapes.PROBLEM})
    def similar(self, request: Request, id: str) -> HttpResponse:
        if not model.available():
            not_configured("Similarity search")
        record_id, wanted = uuid_of(id), query.parse_wanted(request.query_params)
        found = search.like(
            account=self.account,
            record_id=record_id,
            at_least=wanted.at_least,
            limit=wanted.limit + 1,
            after=wanted.after,
        )
        return self.matches(found, wanted.limit)

    def matches(self, found: list[Match], limit: int) -> HttpResponse:
        shown = found[:limit]
        answer: dict[str, Any] = {"data": [_rendered(each) for each in shown], "limit": limit}
        if len(found) > limit:
            last = shown[-1]
            answer["next_cursor"] = query.cursor_of(Place(search.distance(last.score), last.record.pk))
        return self.reply(answer)


def _rendered(match: Match) -> dict[str, Any]:
    record = match.record
    shown = {"feedback_record_id": str(record.pk), "score": match.score, "value_text": record.value_text or ""}
    return shown | ({} if record.field_label is None else {"field_label": record.field_label})
