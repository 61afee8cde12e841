"""Sources, people and records over the BuildBetter contract."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from crm.domain import people
from crm.domain.queries import people as people_queries
from feedback.api.buildbetter import wire
from feedback.api.buildbetter.contract import BUILDBETTER
from feedback.api.buildbetter.pagination import page
from feedback.domain import sources
from feedback.domain.queries import sources as queries
from feedback.domain.sources import SourceRecordDraft
from feedbackhub.api.views import ContractViewSet


class BuildBetterViewSet(ContractViewSet):
    contract = BUILDBETTER


class Sources(BuildBetterViewSet):
    def create(self, request: Request) -> HttpResponse:
        new = wire.parse_source(self.json_object())
        source = sources.create(account=self.account, name=new.name, type=new.type, actor=self.actor)
        return self.reply(wire.render_source(source), 201)

    def list(self, request: Request) -> HttpResponse:
        rows = queries.sources(account=self.account)
        return self.reply(page(rows, request.query_params, "feedback_sources", wire.render_source))

    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_source(queries.source_for(account=self.account, id=int(id))))


class People(BuildBetterViewSet):
    def upsert(self, request: Request) -> HttpResponse:
        new = wire.parse_person(self.json_object())
        person = people.upsert(account=self.account, fields=new.fields, company=new.company, actor=self.actor)
        return self.reply(wire.render_person(person))

    def list(self, request: Request) -> HttpResponse:
        rows = people_queries.people(self.account)
        return self.reply(page(rows, request.query_params, "people", wire.render_person))

    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_person(people_queries.person_for(self.account, int(id))))


class Records(BuildBetterViewSet):
    def create(self, request: Request, source_id: str) -> HttpResponse:
        source = queries.source_for(account=self.account, id=int(source_id))
        members = wire.parse_record(self.json_object())
        draft = SourceRecordDraft(
            fields=list(members.fields),
            customer=self._person(members.person_id),
            external_id=members.external_id,
            display_ts=members.display_ts,
        )
        record = sources.add_record(account=self.account, source=source, draft=draft, actor=self.actor)
        return self.reply(wire.render_record(record), 201)

    def list(self, request: Request, source_id: str) -> HttpResponse:
        source = queries.source_for(account=self.account, id=int(source_id))
        rows = queries.records(account=self.account, source=source)
        return self.reply(page(rows, request.query_params, "records", wire.render_record))

    def retrieve(self, request: Request, source_id: str, id: str) -> HttpResponse:
        source = queries.source_for(account=self.account, id=int(source_id))
        return self.reply(wire.render_record(queries.record_for(account=self.account, source=source, id=int(id))))

    def partial_update(self, request: Request, source_id: str, id: str) -> HttpResponse:
        source = queries.source_for(account=self.account, id=int(source_id))
        members = wire.parse_record(self.json_object(), partial=True)
        changes: dict[str, Any] = {}
        if "person_id" in members.given:
            changes["customer"] = self._person(members.person_id)
        if "external_id" in members.given:
            changes["external_id"] = members.external_id
        if members.display_ts is not None:
            changes["display_ts"] = members.display_ts
        if "fields" in members.given:
            changes["fields"] = list(members.fields)
        record = sources.change_record(
            account=self.account, source=source, record_id=int(id), changes=changes, actor=self.actor
        )
        return self.reply(wire.render_record(record))

    def _person(self, id: int | None) -> Any:
        return None if id is None else people_queries.person_for(self.account, int(id))
