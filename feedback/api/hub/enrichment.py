"""What the original does with language models, and this hub does not: it says so, and never pretends.

Statuses are all off; what would make a taxonomy is a 503 that tells the official client not to repeat; and there is no
taxonomy, so every list of it is empty and every id unknown. See the README, "Different from the original".
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from feedback.api.hub import query
from feedback.api.hub import shapes_more as shapes
from feedback.api.hub.contract import HUB, SMALL_BODY
from feedback.api.hub.wire import UNKNOWN
from feedbackhub.api.errors import ApiError, Kind
from feedbackhub.api.openapi import describe
from feedbackhub.api.times import format_utc
from feedbackhub.api.views import ContractViewSet
from feedbackhub.errors import FieldProblem, Invalid, NotFound

KINDS = ("translation", "sentiment", "emotions")
OFF = {
    "enabled": False,
    "eligible": 0,
    "done": 0,
    "failed": 0,
    "failed_terminal": 0,
    "disabled_reason": "not_configured",
}
RENAME = ("tenant_id", "actor_id", "label")


def not_configured(what: str, because: str = "embeddings are not configured") -> NoReturn:
    raise ApiError(Kind.UNAVAILABLE, f"{what} is not available: {because}", headers={"x-should-retry": "false"})


class Enrichment(ContractViewSet):
    contract = HUB
    max_body_bytes = SMALL_BODY

    @describe("How far enrichment is", query=[shapes.TENANT], answers={200: shapes.EnrichmentStatus})
    def status(self, request: Request) -> HttpResponse:
        tenant = query.parse_tenant(request.query_params)
        answer: dict[str, Any] = {"tenant_id": tenant, "as_of": format_utc(timezone.now())}
        return self.reply(answer | dict.fromkeys(KINDS, OFF))

    @describe("Try failed enrichments again", body=shapes.RetryWish, answers={202: shapes.RetriedEnrichments})
    def retry(self, request: Request, tenant_id: str) -> HttpResponse:
        tenant, body = query.tenant_of(tenant_id), self.json_object(optional=True)
        if body.get("enrichments") is not None and not _are_kinds(body["enrichments"]):
            raise Invalid(f"must be some of: {', '.join(KINDS)}", field="enrichments")
        if unknown := [FieldProblem(name[:64], UNKNOWN) for name in body if name != "enrichments"]:
            raise Invalid.many(unknown)
        asked = body.get("enrichments") or KINDS
        outcome = {"status": "disabled", "retried": 0, "disabled_reason": "not_configured"}
        return self.reply({"tenant_id": tenant, **{kind: outcome for kind in KINDS if kind in asked}}, 202)


class Taxonomy(ContractViewSet):
    contract = HUB
    max_body_bytes = SMALL_BODY

    @describe("Fields that a taxonomy can be made of", query=[shapes.TENANT], answers={503: shapes.PROBLEM})
    def fields(self, request: Request) -> HttpResponse:
        not_configured("Taxonomy", "it is not configured")

    @describe("Make a taxonomy", body=shapes.NewRun, answers={503: shapes.PROBLEM})
    def start(self, request: Request) -> HttpResponse:
        not_configured("Taxonomy", "it is not configured")

    @describe("List runs", query=[shapes.TENANT, *shapes.RUN_FILTERS], answers={200: shapes.Runs})
    def list(self, request: Request) -> HttpResponse:
        query.parse_runs(request.query_params)
        return self.reply({"data": []})

    @describe("The tree in use", query=[shapes.TENANT, *shapes.SCOPE], answers={404: shapes.PROBLEM})
    def active(self, request: Request) -> HttpResponse:
        query.parse_scope(request.query_params)
        raise NotFound("no active taxonomy run", details={"resource_type": "taxonomy run"})

    @describe("Read one run", query=[shapes.TENANT], answers={404: shapes.PROBLEM})
    def run_of(self, request: Request, id: str) -> HttpResponse:
        query.uuid_of(id)
        query.parse_tenant(request.query_params)
        raise NotFound("taxonomy run not found", details={"resource_type": "taxonomy run"})

    @describe("Read one run's tree", query=[shapes.TENANT], answers={404: shapes.PROBLEM})
    def tree(self, request: Request, id: str) -> HttpResponse:
        return self.run_of(request, id)

    @describe("Answers per node of one run", query=[shapes.TENANT], answers={404: shapes.PROBLEM})
    def record_counts(self, request: Request, id: str) -> HttpResponse:
        return self.run_of(request, id)

    @describe("Rename a node", body=shapes.RenamedNode, answers={404: shapes.PROBLEM})
    def rename(self, request: Request, id: str) -> HttpResponse:
        query.uuid_of(id)
        _check_rename(self.json_object())
        _no_node()

    @describe("Remove a node", query=[shapes.TENANT, shapes.ACTOR], answers={404: shapes.PROBLEM})
    def remove(self, request: Request, id: str) -> HttpResponse:
        query.uuid_of(id)
        query.parse_tenant(request.query_params, "tenant_id", "actor_id")
        _no_node()

    @describe("Answers of a node", query=[shapes.TENANT, shapes.FEW], answers={404: shapes.PROBLEM})
    def records(self, request: Request, id: str) -> HttpResponse:
        query.uuid_of(id)
        query.parse_runs(request.query_params)
        _no_node()


def _no_node() -> NoReturn:
    raise NotFound("taxonomy node not found", details={"resource_type": "taxonomy node"})


def _are_kinds(value: Any) -> bool:
    return isinstance(value, list) and all(each in KINDS for each in value)


def _check_rename(body: dict[str, Any]) -> None:
    problems = [FieldProblem(name[:64], UNKNOWN) for name in body if name not in RENAME]
    for name in RENAME:
        reason = query.required_text(body.get(name))
        problems += [FieldProblem(name, reason)] if reason else []
    if problems:
        raise Invalid.many(problems)
