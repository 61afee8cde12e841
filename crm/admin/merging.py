"""Merging two customers: choose the other, see what would happen, do it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts.domain.roles import May
from crm.domain.merging import alike, merge, plan
from crm.domain.queries import customers
from crm.models import Customer
from feedbackhub.errors import HubError

FOUND = 10


def show(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """With `with`, the plan; without, the choice of the other one."""
    customer: Customer | None = model_admin.get_object(request, str(pk))
    if customer is None:
        raise Http404
    if not model_admin._may(request, May.EDIT_CUSTOMERS, customer):
        raise PermissionDenied
    asked = request.POST if request.method == "POST" else request.GET
    if not asked.get("with"):
        return _choose(model_admin, request, customer)
    other = model_admin.get_object(request, asked["with"])
    if other is None or other.account_id != customer.account_id or other.pk == customer.pk:
        raise Http404
    if request.method == "POST":
        return _merge(model_admin, request, customer, other)
    take = request.GET.getlist("take")
    context = {
        **_context(model_admin, request, customer, "Merge"),
        "other": other,
        "plan": plan.of(winner=customer, loser=other, take=take),
        "most": merge.MOST_ROWS,
    }
    return TemplateResponse(request, "console/merge.html", context)


def _choose(model_admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    found = customers.search(account=customer.account, words=words, limit=FOUND + 1) if words else []
    context = {
        **_context(model_admin, request, customer, "Merge with another customer"),
        "words": words,
        "found": [each for each in found if each.pk != customer.pk][:FOUND],
        "alike": alike.of(customer=customer, limit=FOUND),
    }
    return TemplateResponse(request, "console/merge_choose.html", context)


def _merge(model_admin: Any, request: HttpRequest, winner: Customer, loser: Customer) -> HttpResponse:
    back = reverse("admin:crm_customer_change", args=[winner.pk])
    try:
        record = merge.merge(
            account=winner.account,
            winner=winner,
            loser=loser,
            take=request.POST.getlist("take"),
            actor=model_admin.actor(request),
        )
    except HubError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(back)
    undo = reverse("admin:crm_mergerecord_change", args=[record.pk])
    said = format_html('They are one customer now. <a href="{}">Undo it</a> if they are not.', undo)
    model_admin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(back)


def _context(model_admin: Any, request: HttpRequest, customer: Customer, title: str) -> dict[str, Any]:
    more = {"title": title, "subtitle": str(customer), "opts": model_admin.opts, "customer": customer}
    return {**model_admin.admin_site.each_context(request), **more}
