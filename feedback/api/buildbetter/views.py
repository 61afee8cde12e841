"""Sources, people and records over the BuildBetter contract."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from crm.domain import people
from crm.domain.queries import people as people_queries
from feedback.api.buildbetter import shapes, wire
from feedback.api.buildbetter.contract import BUILDBETTER
from feedback.api.buildbetter.pagination import page
from feedback.domain import sources
from feedback.domain.queries import sources as queries
from feedback.domain.sources import SourceRecordDraft
from feedbackhub.api.openapi import describe
from feedbackhub.api.views import ContractViewSet


class BuildBetterViewSet(ContractViewSet):
    contract = BUILDBETTER


class Sources(BuildBetterViewSet):
    @describe("Register a source", body=shapes.NewSource, answers={201: shapes.Source})
    def create(self, request: Request) -> HttpResponse:
        new = wire.parse_source(self.json_object())
        source = sources.create(account=self.account, name=new.name, type=new.type, actor=self.actor)
        return self.reply(wire.render_source(source), 201)

    @describe("List sources", query=shapes.PAGING, answers={200: shapes.SourcePage})
    def list(self, request: Request) -> HttpResponse:
        rows = queries.sources(account=self.account)
        return self.reply(page(rows, request.query_params, "feedback_sources", wire.render_source))

    @describe("Read one source", answers={200: shapes.Source})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_source(queries.source_for(account=self.account, id=int(id))))


class People(BuildBetterViewSet):
    @describe("Add or change a person", body=shapes.NewPerson, answers={200: shapes.Person})
    def upsert(self, request: Request) -> HttpResponse:
        new = wire.parse_person(self.json_object())
        person = people.upsert(account=self.account, fields=new.fields, company=new.company, actor=self.actor)
        return self.reply(wire.render_person(person))

    @describe("List people", query=shapes.PAGING, answers={200: shapes.PersonPage})
    def list(self, request: Request) -> HttpResponse:
        rows = people_queries.people(self.account)
        return self.reply(page(rows, request.query_params, "people", wire.render_person))

    @describe("Read one person", answers={200: shapes.Person})
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_person(people_queries.person_for(self.account, int(id))))


class Records(BuildBetterViewSet):
    @describe("Ingest one record", body=shapes.NewRecord, answers={201: shapes.Record})
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

    @describe("List a source's records", query=shapes.PAGING, answers={200: shapes.RecordPage})
    def list(self, request: Request, source_id: str) -> HttpResponse:
        source = queries.source_for(account=self.account, id=int(source_id))
        rows = queries.records(account=self.account, source=source)
        return self.reply(page(rows, request.query_params, "records", wire.render_record))

    @describe("Read one record", answers={200: shapes.Record})
    def retrieve(self, request: Request, source_id: str, id: str) -> HttpResponse:
        source = queries.source_for(account=self.account, id=int(source_id))
        return self.reply(wire.render_record(queries.record_for(account=self.account, source=source, id=int(id))))

    @describe("Change one record", body=shapes.Change, answers={200: shapes.Record})
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
