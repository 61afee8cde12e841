"""Tenants: create, update, delete."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

from django.conf import settings as hub_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import signals
from accounts.domain import actors, keys, members
from accounts.domain.actors import Actor
from accounts.domain.limits import locked
from accounts.models import Account, Invitation
from feedbackhub.errors import BadReference, FieldProblem, Invalid, Refused
from feedbackhub.texts import has_plain_lines, is_one_line

# Taken from the template, or else from the agency. Names and reply addresses are not: they are what customers know a
# business by. The postal address is, because an agency mails for its clients and a mail must carry one.
INHERITED = ("brand_color", "branded_domain", "postal_address", "time_zone", "country_code", "language")
ONE_LINE = "Use printable characters on one line."
HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}", re.ASCII)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,260}", re.ASCII)


def _has_name(account: Account) -> bool:
    # None at all is the field's own complaint.
    return bool(account.name.strip()) or not account.name


def _is_host_or_blank(account: Account) -> bool:
    """Links to the landing page are made of it: the secret in them must go to that host and no other."""
    return not account.branded_domain or HOST.fullmatch(account.branded_domain) is not None


def _lists_origins(account: Account) -> bool:
    origins: Any = account.cors_origins
    return isinstance(origins, list) and all(isinstance(each, str) and ORIGIN.fullmatch(each) for each in origins)


def _limits_contracts(account: Account) -> bool:
    limits: Any = account.rate_limits
    return isinstance(limits, dict) and all(
        contract in hub_settings.RATE_LIMITS and type(limit) is int and 0 <= limit <= 10**6
        for contract, limit in limits.items()
    )


# What the columns cannot say of themselves: field, what must hold of it, what to do otherwise.
RULES: tuple[tuple[str, Callable[[Account], bool], str], ...] = (
    ("name", lambda account: is_one_line(account.name), ONE_LINE),
    ("name", _has_name, "Give the account a name."),
    ("plan", lambda account: is_one_line(account.plan), ONE_LINE),
    ("brand_name", lambda account: is_one_line(account.brand_name), ONE_LINE),
    ("from_name", lambda account: is_one_line(account.from_name), ONE_LINE),
    ("postal_address", lambda account: has_plain_lines(account.postal_address), "Use printable characters."),
    ("branded_domain", _is_host_or_blank, "Give a host name alone, such as feedback.example.com."),
    ("language", lambda account: LANGUAGE.fullmatch(account.language) is not None, "Give a code such as en or pt-BR."),
    ("cors_origins", _lists_origins, 'Give a list of origins such as ["https://app.example.com"].'),
    ("rate_limits", _limits_contracts, 'Give calls per minute by contract, such as {"hub": 1000}; 0 is unlimited.'),
)


class Settings(TypedDict, total=False):
    """What may be set on an account; the names are the model's, None in a limit is unlimited."""

    name: str
    active: bool
    verb: str
    plan: str
    max_locations: int | None
    max_users: int | None
    max_campaigns: int | None
    sms_allowance: int | None
    time_zone: str
    country_code: str
    language: str
    postal_address: str
    brand_name: str
    brand_color: str
    branded_domain: str
    from_name: str
    reply_to: str
    cors_origins: list[str]
    rate_limits: dict[str, int]


def create(
    *,
    actor: Actor,
    is_agency: bool = False,
    parent: Account | None = None,
    template: Account | None = None,
    **settings: Unpack[Settings],
) -> Account:
    """Make an account; `template` lends its branding and, by signal, its templates and campaigns.

    Raises Invalid naming the fields, BadReference for a parent that is no agency or a template outside of it.
    """
    if parent is not None and (is_agency or not parent.is_agency):
        raise BadReference("Only an agency can have client accounts, and it cannot be one itself.", field="parent")
    if template is not None and parent is not None and template.parent_id != parent.pk and template != parent:
        raise BadReference("The template must be an account of the same agency.", field="template")
    lenders = [lender for lender in (template, parent) if lender is not None]
    inherited = {name: _first(lenders, name) for name in INHERITED} if lenders else {}
    account = Account(is_agency=is_agency, parent=parent, **{**inherited, **settings})
    _check(account, None)
    # Locked, so that the agency cannot be deleted meanwhile.
    with actors.acting(actor), locked(parent) if parent else transaction.atomic():
        account.save()
        signals.account_created.send(sender=Account, account=account, template_of=template)
    return account


def _first(lenders: list[Account], name: str) -> Any:
    return next((value for value in (getattr(lender, name) for lender in lenders) if value), "")


def update(*, account: Account, actor: Actor, **changes: Unpack[Settings]) -> Account:
    """Change what is given and leave the rest; `account` itself is not touched, the fresh row is returned.

    A limit may be set below what is in use: it then only stops more. Raises Invalid, NotFound.
    """
    with actors.acting(actor), locked(account) as current:
        changed = [name for name, value in changes.items() if getattr(current, name) != value]
        for name in changed:
            setattr(current, name, changes[name])  # type: ignore[literal-required]
        if changed:
            _check(current, changed)
            current.save(update_fields=changed)
            signals.account_changed.send(sender=Account, account=current, changed=frozenset(changed))
    return current


def delete(*, account: Account, actor: Actor) -> None:
    """Remove an account softly: keys end, people who belong nowhere else can no longer sign in, and by signal its
    campaigns and unsent messages are cancelled. Raises Refused for an agency with clients, NotFound."""
    with actors.acting(actor), locked(account) as current:
        if Account.objects.alive().filter(parent=current).exists():
            raise Refused("Delete or move the client accounts first.")
        current.deleted_at = timezone.now()
        current.save(update_fields=["deleted_at"])
        keys.revoke_all_of(account=current, actor=actor)
        Invitation.objects.for_account(current).filter(accepted_at=None, revoked_at=None).update(
            revoked_at=current.deleted_at
        )
        for membership in current.memberships.select_related("user"):
            members.leave(membership, actor=actor)
        signals.account_deleted.send(sender=Account, account=current)


def _check(account: Account, only: list[str] | None) -> None:
    exclude = {field.name for field in account._meta.fields if only is not None and field.name not in only}
    problems: list[FieldProblem] = []
    try:
        account.clean_fields(exclude=exclude | {"parent"})
    except ValidationError as error:
        problems += [FieldProblem(name, " ".join(messages)) for name, messages in error.message_dict.items()]
    problems += [FieldProblem(name, say) for name, holds, say in RULES if name not in exclude and not holds(account)]
    if problems:
        raise Invalid.many(problems)
