"""Client accounts and users as FeedbackAPI writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.domain.accounts import Settings
from accounts.domain.invitations import Invited
from accounts.domain.queries import access
from accounts.domain.roles import Role
from accounts.models import Account, Membership
from feedbackhub.api.errors import invalid
from feedbackhub.api.feedbackapi import filters
from feedbackhub.api.feedbackapi.arguments import Argument, Kept, as_text, boolean, number_or_null, optional, text
from feedbackhub.api.feedbackapi.filters import Filter
from feedbackhub.api.feedbackapi.lists import Listing, Sort
from feedbackhub.api.feedbackapi.shapes import Moment
from feedbackhub.errors import BadReference, NotFound

if TYPE_CHECKING:
    from accounts.domain.queries.access import CountedAccount

LIMITS = ("max_locations", "max_users", "max_campaigns", "sms_allowance")
SETTINGS = ("name", "active", "verb", *LIMITS)


def _choice(choices: tuple[str, ...], description: str, *, required: bool = False) -> Argument:
    def convert(name: str, value: Any) -> str:
        written = as_text(name, value)
        if written not in choices:
            raise invalid(name, f"must be one of {', '.join(choices)}.")
        return written

    return Argument(convert, {"type": "string", "enum": list(choices)}, description, required=required)


def _name(name: str, value: Any) -> str:
    written = as_text(name, value)
    if not written:
        raise invalid(name, "is required and cannot be blank.")
    return written


ACCOUNT_UPDATE_ONLY: dict[str, Argument] = {
    "name": Argument(_name, {"type": "string", "maxLength": 200}, "The company or account name.", required=True),
    "active": boolean("Whether the account is active. An inactive one's campaigns and pages wait.", required=True),
    "verb": _choice(tuple(Account.Verb.values), "What consumers do with this company.", required=True),
    "max_locations": number_or_null("The location limit; null is unlimited."),
    "max_users": number_or_null("The user limit; null is unlimited. Open invitations count."),
    "max_campaigns": number_or_null("The campaign limit; null is unlimited."),
    "sms_allowance": number_or_null("SMS segments per calendar month; null is unlimited."),
}
ACCOUNT_CREATE: dict[str, Argument] = {
    **ACCOUNT_UPDATE_ONLY,
    "account_template": text("Id of one of your accounts whose templates, campaigns and branding are copied."),
}
ACCOUNT_UPDATE = optional(ACCOUNT_UPDATE_ONLY)
KEPT: dict[str, Kept] = {
    "id": Kept("The account's id."),
    "created": Kept("When the account was made."),
    "active_locations": Kept("Ignored: a live count.", moves=True),
    "active_users": Kept("Ignored: a live count.", moves=True),
}

ACCOUNT_LISTING = Listing(
    filters={
        **filters.span("created", "created_at"),
        "name": filters.same("name__iexact", "The company or account name, in any case."),
        "active": filters.flag(lambda _: Q(active=True), "Whether the account is active."),
    },
    sorts={
        "created": Sort("created_at"),
        "name": Sort(Lower("name")),
        "active": Sort("active"),
        **{limit: Sort(limit, nullable=True) for limit in LIMITS},
    },
)

UserType = Literal["standard", "restricted"]
# The document knows two types of user; an owner is a standard user who may do more in the console.
TYPE: dict[Role, UserType] = {
    Role.OWNER: "standard",
    Role.STANDARD: "standard",
    Role.RESTRICTED: "restricted",
}
ROLE: dict[str, Role] = {"standard": Role.STANDARD, "restricted": Role.RESTRICTED}
# Ours: an agency key chooses one of its accounts.
ACCOUNT_CHOICE = "Id of the client account meant, with an agency key."

USER_CREATE: dict[str, Argument] = {
    "email": text("The user's e-mail address.", required=True, max_length=254),
    "send_invite": boolean("Whether to mail the invitation."),
    "type": _choice(tuple(ROLE), "The user's type; standard when left out."),
    "account": text(ACCOUNT_CHOICE),
}
USER_LISTING = Listing(
    filters={
        **filters.span("created", "created_at"),
        "type": Filter(
            lambda _, name, value: Q(role__in=_roles(name, value)),
            {"type": "string", "enum": list(ROLE)},
            "The user's type.",
        ),
        # Already heeded when the list's account was chosen.
        "account": Filter(lambda *_: Q(), {"type": "string"}, ACCOUNT_CHOICE),
    },
    sorts={
        "created": Sort("created_at"),
        "name": Sort(Lower("user__name")),
        "email": Sort("user__email"),
        "last_access": Sort("user__last_login", nullable=True),
    },
)


class AccountObject(TypedDict):
    """A client account; a limit of null is unlimited."""

    id: str
    created: Moment
    name: str
    active: bool
    max_locations: int | None
    max_users: int | None
    max_campaigns: int | None
    sms_allowance: int | None
    active_locations: int
    active_users: int


class UserObject(TypedDict):
    """Somebody who signs in; `last_access` is false before the first time."""

    id: str
    created: Moment
    name: str
    email: str
    type: UserType
    status: Literal["active"]
    last_access: Moment | Literal[False]


class InvitedObject(TypedDict):
    """Somebody who has yet to accept."""

    email: str
    type: UserType
    status: Literal["pending"]
    invite_url: str


@dataclass(frozen=True)
class NewAccount:
    """A create, its template already a row of the agency."""

    settings: Settings
    template: Account | None


def parse_account(agency: Account, values: Mapping[str, Any]) -> NewAccount:
    """BadReference for a template that is not one of the agency's accounts."""
    template = None
    if values.get("account_template"):
        template = _client(agency, values["account_template"], "account_template")
    return NewAccount(parse_settings(values), template)


def parse_settings(values: Mapping[str, Any]) -> Settings:
    return cast(Settings, {name: values[name] for name in SETTINGS if name in values})


def render_account(account: CountedAccount) -> AccountObject:
    return {
        "id": account.public_id,
        "created": account.created_at,
        "name": account.name,
        "active": account.active,
        "max_locations": account.max_locations,
        "max_users": account.max_users,
        "max_campaigns": account.max_campaigns,
        "sms_allowance": account.sms_allowance,
        "active_locations": account.active_locations,
        "active_users": account.active_users,
    }


def chosen_account(own: Account, *, agency: bool, id: str | None) -> Account:
    """The account that `account=<id>` means to a key; its own when left out. BadReference for any other."""
    if id is None or id == own.public_id:
        return own
    if not agency:
        raise BadReference("This key is for its own account only; leave account out.", field="account")
    return _client(own, id, "account")


def render_member(membership: Membership) -> UserObject:
    user = membership.user
    return {
        "id": user.public_id,
        "created": membership.created_at,
        "name": user.name,
        "email": user.email,
        "type": TYPE[Role(membership.role)],
        "status": "active",
        "last_access": user.last_login or False,
    }


def render_invited(invited: Invited) -> InvitedObject:
    return {
        "email": invited.invitation.email,
        "type": TYPE[Role(invited.invitation.role)],
        "status": "pending",
        "invite_url": invited.url,
    }


def _client(agency: Account, id: str, parameter: str) -> Account:
    try:
        return access.client_for(agency=agency, id=id)
    except NotFound:
        raise BadReference("names no account of yours.", field=parameter) from None


def _roles(name: str, value: str) -> list[Role]:
    if value not in ROLE:
        raise invalid(name, f"must be one of {', '.join(ROLE)}.")
    return [role for role, wire in TYPE.items() if wire == value]
