"""Product feedback over the Leadping contract: submitting it, and the older client's triage."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from feedback.api.leadping import search, shapes, wire
from feedback.api.leadping.contract import LEADPING
from feedback.api.leadping.search import ListQuery
from feedback.domain import items, triage
from feedback.domain.queries import items as queries
from feedbackhub.api.errors import ApiError, Kind
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import Access, ContractViewSet


class Feedback(ContractViewSet):
    """What submitters use. An answer here never holds what staff wrote: it is the item at its birth."""

    contract = LEADPING

    @describe("Submit product feedback", body=shapes.NewFeedback, answers={201: shapes.Feedback})
    def create(self, request: Request) -> HttpResponse:
        draft = wire.parse_create(self.json_object(), request.headers.get("User-Agent"))
        item = items.create(account=self.account, draft=draft, actor=self.actor)
        return self.reply(wire.render(item, self.account), 201)


class FeedbackAdmin(ContractViewSet):
    """What staff use: every answer holds notes and reviewers, so a key that may only submit gets none of them."""

    contract = LEADPING

    def check_scope(self, request: Request) -> None:
        super().check_scope(request)
        if not self.caller.allows(self.contract.name, "read"):
            raise ApiError(Kind.FORBIDDEN, "This key may not read here.", details={"scope": "read"})

    # The search route is a POST that writes nothing.
    access: ClassVar[dict[str, Access]] = {"search": "read"}

    @describe("List items", query=shapes.LIST, answers={200: shapes.FeedbackPage})
    def list(self, request: Request) -> HttpResponse:
        return self.reply(self.page(search.parse_list(request.query_params)))

    @describe("Search items", query=shapes.LIST, body=shapes.Search, answers={200: shapes.CountedPage})
    def search(self, request: Request) -> HttpResponse:
        asked = search.parse_search(request.query_params, self.json_object())
        total = queries.count(account=self.account, wanted=asked.wanted) if asked.count else None
        return self.reply({**self.page(asked), "totalCount": total})

    def page(self, asked: ListQuery) -> dict[str, Any]:
        # One more than asked for tells whether there is a next page.
        found = queries.page(
            account=self.account, wanted=asked.wanted, limit=asked.size + 1, order=asked.keys, after=asked.after
        )
        shown = found[: asked.size]
        return {
            "items": [wire.render(item, self.account) for item in shown],
            "pageSize": asked.size,
            "continuationToken": asked.token_after(shown[-1]) if len(found) > asked.size else None,
        }

    @describe("Read one item", answers={200: shapes.Feedback})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render(queries.item_for(account=self.account, id=wire.item_id(id)), self.account))

    @describe("Triage one item", body=shapes.Triage, answers={200: shapes.Feedback})
    def update(self, request: Request, id: str) -> HttpResponse:
        item = queries.item_for(account=self.account, id=wire.item_id(id))
        changes, original = wire.parse_changes(self.json_object(), item)
        if original is not None:
            changes["duplicate_of"] = queries.reference(account=self.account, id=original, field="duplicate_of")
        item = triage.update(item=item, actor=self.actor, **changes)
        return self.reply(wire.render(item, self.account))
