"""The customers noun."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api.feedbackapi import wire
from crm.domain import customers
from crm.domain.queries import customers as queries
from crm.models import Customer
from feedbackhub.api.feedbackapi import documentation
from feedbackhub.api.feedbackapi.views import FeedbackAPIViewSet


class CustomerViewSet(FeedbackAPIViewSet):
    @documentation.lists("customers", wire.CustomerObject, wire.LISTING)
    def list(self, request: Request) -> HttpResponse:
        rows = queries.searchable(queries.customers_of(self.account))
        return self.listed(wire.LISTING, rows, wire.render_customer, queries.detailed)

    @documentation.creates("customers", wire.CustomerObject, wire.CREATE)
    def create(self, request: Request) -> HttpResponse:
        said = wire.parse_customer(self.account, self.arguments(wire.CREATE))
        customer = customers.upsert(
            account=self.account, fields=said.fields, locations=said.locations_add, actor=self.actor
        )
        return self._shown(customer)

    @documentation.retrieves("customers", wire.CustomerObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_customer(queries.detail(self.account, id)))

    @documentation.updates("customers", wire.CustomerObject, wire.UPDATE, wire.KEPT)
    def update(self, request: Request, id: str) -> HttpResponse:
        customer = queries.customer_for(self.account, id)
        values = self.arguments(wire.UPDATE, wire.KEPT, lambda: wire.render_customer(queries.detail(self.account, id)))
        said = wire.parse_customer(self.account, values)
        customer = customers.update(
            customer=customer,
            fields=said.fields,
            locations_add=said.locations_add,
            locations_remove=said.locations_remove,
            actor=self.actor,
        )
        return self._shown(customer)

    @documentation.deletes("customers")
    def destroy(self, request: Request, id: str) -> HttpResponse:
        customers.delete(customer=queries.customer_for(self.account, id), actor=self.actor)
        return self.deleted(id)

    def _shown(self, customer: Customer) -> HttpResponse:
        return self.reply(wire.render_customer(queries.detail(self.account, customer.public_id)))
