"""The menu of accounts: lists are narrowed to the chosen one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.admin.reach import CHOSEN, chosen_account, reach_of
from accounts.domain.queries import reach

# A longer menu is no help: the page of accounts has a search.
LONGEST = 50


def menu(request: HttpRequest) -> list[dict[str, str]]:
    """The accounts to choose from; nothing for somebody who has one only. `link` is the account's public id."""
    mine = reach_of(request)
    if not mine.several:
        return []
    chosen = chosen_account(request)
    found = reach.accounts_within(ids=None if mine.everything else list(mine.roles), limit=LONGEST)
    every = {"title": "All accounts", "link": "", "icon": "" if chosen else "check"}
    return [every, *({"title": one.name, "link": one.public_id, "icon": "check" * (one == chosen)} for one in found)]


def told(request: HttpRequest) -> str | None:
    """Under the hub's name: where one is."""
    mine = reach_of(request)
    chosen = chosen_account(request)
    if chosen is not None:
        return chosen.name
    if mine.several:
        return "All accounts"
    only = reach.accounts_within(ids=list(mine.roles), limit=1)
    return only[0].name if only else None


def choose(request: HttpRequest) -> HttpResponse:
    """Remember the choice for this session and go back."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    public_id = request.POST.get("account", "")
    if public_id:
        mine = reach_of(request)
        account = reach.account_named(public_id=public_id)
        if account is None or not (mine.everything or account.pk in mine.roles):
            raise Http404("There is no such account.")
    request.session[CHOSEN] = public_id
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if safe else reverse("admin:index"))
