"""Who may do what: one table that the console and its tests read."""

from __future__ import annotations

from enum import StrEnum

from accounts.models import Membership

Role = Membership.Role


class May(StrEnum):
    """Something a person may do within an account."""

    SEE_FEEDBACK = "see feedback"
    TRIAGE = "triage"  # status, type, area, assignee, notes, duplicates
    REPLY = "reply to people"
    EDIT_MACROS = "edit macros"
    DELETE_FEEDBACK = "delete feedback"
    SEE_CUSTOMERS = "see customers"
    EDIT_CUSTOMERS = "edit customers"
    EXPORT = "export"
    SEND_REQUESTS = "send requests"
    EDIT_TEMPLATES = "edit templates"
    EDIT_LOCATIONS = "edit locations"
    EDIT_REVIEWS = "edit reviews"
    EDIT_SOURCES = "edit sources"
    SEE_TEAM = "see team"
    MANAGE_TEAM = "manage team"
    MANAGE_KEYS = "manage keys"
    MANAGE_RULES = "manage rules"  # which signals become items, and how soon they are to be answered
    MANAGE_WEBHOOKS = "manage webhooks"
    MANAGE_ACCOUNT = "manage account"
    MANAGE_CLIENTS = "manage client accounts"
    SEE_AUDIT = "see audit"


_RESTRICTED = frozenset({May.SEE_FEEDBACK, May.TRIAGE})
_STANDARD = _RESTRICTED | {
    May.REPLY,
    May.EDIT_MACROS,
    May.DELETE_FEEDBACK,
    May.SEE_CUSTOMERS,
    May.EDIT_CUSTOMERS,
    May.EXPORT,
    May.SEND_REQUESTS,
    May.EDIT_TEMPLATES,
    May.EDIT_LOCATIONS,
    May.EDIT_REVIEWS,
    May.EDIT_SOURCES,
    May.SEE_TEAM,
    May.SEE_AUDIT,
}

ALLOWED: dict[Role, frozenset[May]] = {
    Role.RESTRICTED: _RESTRICTED,
    Role.STANDARD: _STANDARD,
    Role.OWNER: frozenset(May),
}

# The stronger of two roles in one account counts.
STRENGTH: dict[Role, int] = {Role.RESTRICTED: 1, Role.STANDARD: 2, Role.OWNER: 3}


def allows(role: Role | None, what: May) -> bool:
    """Whether a role, or none, covers something."""
    return role is not None and what in ALLOWED[role]


def strongest(roles: list[Role]) -> Role | None:
    return max(roles, key=STRENGTH.__getitem__, default=None)
