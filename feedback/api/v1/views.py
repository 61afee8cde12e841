"""Typed answers over the hub's own API: those of every contract."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.v1 import batch, query, shapes
from feedback.domain import batches
from feedback.domain.queries import answers
from feedback.domain.tenants import TenantBusy
from feedbackhub.api import items, parsers
from feedbackhub.api.errors import ApiError, Kind
from feedbackhub.api.openapi import describe
from feedbackhub.api.own import pages
from feedbackhub.api.own.views import OwnViewSet


class Answers(OwnViewSet):
    """Answers, whichever contract they came by. What is stored here is a record of the Formbricks Hub contract."""

    largest = {"batch": batch.LARGEST_BODY}

    @describe("List answers", query=[*query.FILTERS, *pages.parameters(query.SORTS)], answers={200: shapes.RecordPage})
    def list(self, request: Request) -> HttpResponse:
        wanted = query.parse(request.query_params)
        asked = pages.parse(request.query_params, query.SORTS)
        rows = answers.page(
            account=self.account, wanted=wanted, order=asked.sort.columns, after=asked.after, limit=asked.limit + 1
        )
        return self.reply(asked.page(rows, shapes.record_of))

    @describe("Count answers", query=query.FILTERS, answers={200: shapes.Count})
    def count(self, request: Request) -> HttpResponse:
        wanted = query.parse(request.query_params)
        return self.reply({"count": answers.count(account=self.account, wanted=wanted)})

    @describe(
        "Store many answers",
        description=batch.DESCRIPTION,
        body=batch.Items,
        other_bodies=batch.LINES,
        answers={200: shapes.BatchResult},
    )
    def batch(self, request: Request) -> HttpResponse:
        lines = (request.content_type or "").partition(";")[0].strip().lower() in items.NDJSON
        raw = request._request.body
        if raw and not lines:
            parsers.require_json(request, without_type=False)
        read = batch.read(items.split(raw, lines=lines, most=batch.MOST_ITEMS))
        try:
            stored = batches.create(account=self.account, drafts=read.drafts, actor=self.actor)
        except TenantBusy as busy:
            # Also keeps the answer from being remembered under an Idempotency-Key.
            raise ApiError(Kind.CONFLICT, busy.message, headers={"Retry-After": "1"}) from busy
        return self.reply(batch.rendered(read, stored))

    @describe("Read one answer", answers={200: shapes.Record})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        record = answers.record_for(account=self.account, id=query.record_id(id))
        return self.reply(shapes.record_of(record))
