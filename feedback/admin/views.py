"""Saved views of the inbox: beside its tabs, and a page to rename, share and delete them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.reach import chosen_account, one_account, reach_of
from accounts.domain.queries import reach
from accounts.domain.roles import May
from accounts.models import User
from feedback.admin.undoing import way_back
from feedback.domain import views
from feedback.domain.queries import inbox_params
from feedback.domain.queries import views as queries
from feedback.models import SavedView
from feedbackhub.errors import HubError, Invalid

INBOX = "admin:feedback_feedbackitem_changelist"


def within(request: HttpRequest) -> list[int] | None:
    """The accounts whose views are shown: those of the list."""
    chosen = chosen_account(request)
    if chosen is not None:
        return reach.with_clients(account=chosen)
    mine = reach_of(request)
    return None if mine.everything else mine.accounts(May.SEE_FEEDBACK)


def save(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Keep what the inbox was asked under a name."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    target = reverse(INBOX)
    try:
        account = one_account(request)
        if account is None:
            raise Invalid("Choose one account in the menu first: a view belongs to an account.")
        view = views.create(
            account=account,
            owner=_user(request),
            name=request.POST.get("name", ""),
            query=request.POST.get("query", ""),
            shared="shared" in request.POST,
            actor=model_admin.actor(request),
        )
    except HubError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(way_back(request, target))
    model_admin.message_user(request, f"View “{view}” saved.", messages.SUCCESS)
    return HttpResponseRedirect(f"{target}?{queries.address(view=view)}")


def open_with(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """`view` is the one that the inbox opens with from now on; blank: what is new."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user, wanted = _user(request), request.POST.get("view", "")
    try:
        view = queries.view_for(user=user, accounts=within(request), id=wanted) if wanted else None
        views.open_with(user=user, view=view)
    except HubError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
    else:
        said = f"The inbox opens with “{view}” now." if view else "The inbox opens with what is new now."
        model_admin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(way_back(request, reverse(INBOX)))


def beside_tabs(request: HttpRequest, items: QuerySet[Any], default: SavedView | None) -> list[dict[str, Any]]:
    """The views with their addresses and numbers; `items` are all that the list could show."""
    user = _user(request)
    found = queries.beside_tabs(user=user, accounts=within(request))
    mine = reach_of(request)
    people_of = None if mine.everything else mine.accounts(May.SEE_CUSTOMERS)
    parsed = {view.pk: inbox_params.parse(view.query)[0] for view in found}
    # A search goes through texts: no number is worth that on every page.
    counted = {
        view.pk: inbox_params.narrowed(
            items=items.filter(account=view.account_id), params=parsed[view.pk], reader=user, people_of=people_of
        )
        for view in found
        if "q" not in parsed[view.pk]
    }
    numbers = inbox_params.counts(views=counted)
    current = request.GET.get("view", "")
    return [
        {
            "view": view,
            "address": f"?{queries.address(view=view)}",
            "current": str(view.pk) == current,
            "default": view == default,
            "count": inbox_params.told(numbers.get(view.pk, 0)),
            "mine": view.owner_id == user.pk,
        }
        for view in found
    ]


def opens_with(request: HttpRequest) -> SavedView | None:
    return queries.opens_with(user=_user(request))


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("Only a signed-in user has views.")
    return request.user


@admin.register(SavedView)
class SavedViewAdmin(ConsoleAdmin):
    """One's own views and those shared with one. They are made in the inbox."""

    may_view = May.SEE_FEEDBACK
    may_change = may_delete = May.SEE_FEEDBACK
    empty_hint = "No view yet. Filter or search the inbox, then save that as a view."

    list_display = ("name", "shared", "owner", "account", "created_at")
    list_select_related = ("account", "owner")
    search_fields = ("name",)
    search_help_text = "Search names"
    ordering = ("name", "id")
    fields = ("name", "shared", "asks")
    readonly_fields = ("asks",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # In whose accounts they are is the base's business.
        return super().get_queryset(request).filter(Q(owner=_user(request)) | Q(shared=True))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        mine = not isinstance(obj, SavedView) or obj.owner_id == _user(request).pk
        return mine and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, SavedView) and not views.may_delete(view=obj, user=_user(request)):
            return False
        return super().has_delete_permission(request, obj)

    @column("What it asks")
    def asks(self, view: SavedView) -> str:
        known, _ = inbox_params.parse(view.query)
        return "; ".join(f"{name.split('__')[0]}: {', '.join(values)}" for name, values in known.items())

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        views.update(view=obj, user=_user(request), actor=self.actor(request), **changed)
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        views.delete(view=obj, user=_user(request), actor=self.actor(request))
        return True
