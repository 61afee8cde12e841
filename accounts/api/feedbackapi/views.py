"""The nouns accounts and users."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.api.feedbackapi import wire
from accounts.domain import accounts, invitations, members
from accounts.domain.queries import access
from accounts.models import Account
from feedbackhub.api.errors import ApiError, Kind, invalid
from feedbackhub.api.feedbackapi import documentation
from feedbackhub.api.feedbackapi.arguments import as_text
from feedbackhub.api.feedbackapi.contract import FEEDBACKAPI
from feedbackhub.api.feedbackapi.parsers import read_body
from feedbackhub.api.feedbackapi.views import FeedbackAPIViewSet
from feedbackhub.api.openapi import parameter

ACCOUNT = parameter("account", str, wire.ACCOUNT_CHOICE)


class AccountViewSet(FeedbackAPIViewSet):
    """An agency's client accounts. The agency itself is not among them."""

    def check_scope(self, request: Request) -> None:
        super().check_scope(request)
        if not self.caller.agency:
            raise ApiError(
                Kind.UNAUTHORIZED,
                "Client accounts need an agency's key; this key is for one account.",
                headers={"WWW-Authenticate": FEEDBACKAPI.challenge},
            )

    @documentation.lists("accounts", wire.AccountObject, wire.ACCOUNT_LISTING)
    def list(self, request: Request) -> HttpResponse:
        rows = access.clients_for(self.account)
        return self.listed(wire.ACCOUNT_LISTING, rows, wire.render_account, access.with_counts)

    @documentation.creates("accounts", wire.AccountObject, wire.ACCOUNT_CREATE)
    def create(self, request: Request) -> HttpResponse:
        new = wire.parse_account(self.account, self.arguments(wire.ACCOUNT_CREATE))
        created = accounts.create(parent=self.account, template=new.template, actor=self.actor, **new.settings)
        return self._shown(created.public_id)

    @documentation.retrieves("accounts", wire.AccountObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self._shown(id)

    @documentation.updates("accounts", wire.AccountObject, wire.ACCOUNT_UPDATE, wire.KEPT)
    def update(self, request: Request, id: str) -> HttpResponse:
        client = access.client_for(agency=self.account, id=id)
        values = self.arguments(wire.ACCOUNT_UPDATE, wire.KEPT, lambda: wire.render_account(client))
        settings = wire.parse_settings(values)
        accounts.update(account=client, actor=self.actor, **settings)
        return self._shown(id)

    @documentation.deletes("accounts")
    def destroy(self, request: Request, id: str) -> HttpResponse:
        accounts.delete(account=access.client_for(agency=self.account, id=id), actor=self.actor)
        return self.deleted(id)

    def _shown(self, id: str) -> HttpResponse:
        return self.reply(wire.render_account(access.client_for(agency=self.account, id=id)))


class UserViewSet(FeedbackAPIViewSet):
    """The people of one account: the key's own, or the client that an agency key names with `account`."""

    beside_body = frozenset({"account"})

    def choose_account(self) -> Account:
        said = set(self.request.query_params.getlist("account"))
        if self.action == "create" and (id := as_text("account", read_body(self.request).get("account"))):
            said.add(id)
        if len(said) > 1:
            raise invalid("account", "names two accounts. Give one.")
        return wire.chosen_account(self.caller.account, agency=self.caller.agency, id=next(iter(said), None))

    @documentation.lists("users", wire.UserObject, wire.USER_LISTING)
    def list(self, request: Request) -> HttpResponse:
        return self.listed(wire.USER_LISTING, access.members_for(self.account), wire.render_member)

    @extend_schema(parameters=[ACCOUNT])
    @documentation.creates("users", wire.InvitedObject, wire.USER_CREATE)
    def create(self, request: Request) -> HttpResponse:
        said = self.arguments(wire.USER_CREATE)
        invited = invitations.invite(
            account=self.account,
            email=said["email"],
            role=wire.ROLE[said.get("type", "standard")],
            send=said.get("send_invite", False),
            actor=self.actor,
        )
        return self.reply(wire.render_invited(invited))

    @extend_schema(parameters=[ACCOUNT])
    @documentation.retrieves("users", wire.UserObject)
    def retrieve(self, request: Request, id: str) -> HttpResponse:
        return self.reply(wire.render_member(access.member_for(account=self.account, id=id)))

    @extend_schema(parameters=[ACCOUNT])
    @documentation.deletes("users")
    def destroy(self, request: Request, id: str) -> HttpResponse:
        membership = access.member_for(account=self.account, id=id)
        members.remove(account=self.account, user=membership.user, actor=self.actor)
        return self.deleted(id)
