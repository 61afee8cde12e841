"""What can be done to many items at once: a table, one row an action, which the preview and the doing both read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from accounts.admin.reach import Reach, reach_of
from accounts.domain.actors import Actor
from accounts.domain.queries import colleagues
from accounts.domain.roles import May
from accounts.models import User
from feedback.domain import labels, triage
from feedback.domain.queries import labels as label_queries
from feedback.domain.triage import BulkOutcome
from feedback.models import FeedbackItem, Label
from feedbackhub.errors import Invalid

Status = FeedbackItem.Status
Type = FeedbackItem.Type
NOBODY = "none"

Choices = list[tuple[str, str]]
Items = Mapping[FeedbackItem, int]
# Of an item with its labels: how it is, and how it would be; None where it cannot be done to it.
Told = str | None


@dataclass(frozen=True)
class Value:
    """What the items are to become: as sent, as the domain takes it, and as a reader knows it."""

    sent: str
    given: Any
    told: str


@dataclass(frozen=True)
class BulkAction:
    """`choices` are a menu's; None asks for text. `fixed` asks for nothing."""

    key: str
    title: str
    asks: str
    parse: Callable[[HttpRequest, str], Value]
    now: Callable[[FeedbackItem, list[Label]], str]
    then: Callable[[FeedbackItem, list[Label], Value], Told]
    do: Callable[[Items, Value, Actor], BulkOutcome]
    said: Callable[[str, Value], str]
    choices: Callable[[HttpRequest, Sequence[FeedbackItem]], Choices] | None = None
    fixed: str = ""


# --- What was chosen ---


def _of(choices: Choices) -> Callable[[HttpRequest, str], Value]:
    known = dict(choices)

    def parse(request: HttpRequest, sent: str) -> Value:
        if sent not in known:
            raise Invalid("Choose what it is to become.")
        return Value(sent, sent, known[sent])

    return parse


def _area(request: HttpRequest, sent: str) -> Value:
    return Value(sent, sent, sent.strip())


def _person(request: HttpRequest, sent: str) -> Value:
    if sent == NOBODY:
        return Value(sent, None, "")
    found = next((user for user in _people(request) if user.public_id == sent), None)
    if found is None:
        raise Invalid("Choose a person.")
    return Value(sent, found, str(found))


def _label(request: HttpRequest, sent: str) -> Value:
    label = label_queries.label_within(accounts=_triaged(reach_of(request)), id=sent)
    return Value(sent, label, label.name)


def _triaged(reach: Reach) -> list[int] | None:
    return None if reach.everything else reach.accounts(May.TRIAGE)


def _people(request: HttpRequest) -> list[User]:
    reach = reach_of(request)
    found = colleagues.of_accounts(ids=None if reach.everything else list(reach.roles), limit=200)
    # Whoever comes from the agency or is a superuser is on no team and may take items all the same.
    me = [request.user] if isinstance(request.user, User) and request.user not in found else []
    return [*found, *me]


def _people_menu(request: HttpRequest, items: Sequence[FeedbackItem]) -> Choices:
    return [(NOBODY, "Nobody"), *((user.public_id, str(user)) for user in _people(request))]


def _label_menu(request: HttpRequest, items: Sequence[FeedbackItem]) -> Choices:
    """Those of the items' own accounts."""
    accounts = {item.account_id for item in items}
    found = label_queries.within(accounts=accounts)
    return [(str(label.pk), f"{label} ({label.account})" if len(accounts) > 1 else str(label)) for label in found]


# --- How it is said ---


def _words(items: list[Label]) -> str:
    return ", ".join(label.name for label in items)


def _with(item: FeedbackItem, on: list[Label], value: Value) -> Told:
    if item.account_id != value.given.account_id:
        return None
    return _words(on if value.given in on else sorted([*on, value.given], key=lambda label: label.name))


def _without(item: FeedbackItem, on: list[Label], value: Value) -> Told:
    return _words([label for label in on if label != value.given])


def _assigned(done: str, value: Value) -> str:
    return f"Assigned {done} to {value.told or 'nobody'}."


ACTIONS = (
    BulkAction(
        key="status",
        title="Change the status…",
        asks="Status",
        choices=lambda request, items: list(Status.choices),
        parse=_of(list(Status.choices)),
        now=lambda item, on: item.get_status_display(),
        then=lambda item, on, value: value.told,
        do=lambda items, value, actor: triage.update_many(items=items, actor=actor, status=value.given),
        said=lambda done, value: f"Moved {done} to {value.told}.",
    ),
    BulkAction(
        key="type",
        title="Change the type…",
        asks="Type",
        choices=lambda request, items: list(Type.choices),
        parse=_of(list(Type.choices)),
        now=lambda item, on: item.get_type_display(),
        then=lambda item, on, value: value.told,
        do=lambda items, value, actor: triage.update_many(items=items, actor=actor, type=value.given),
        said=lambda done, value: f"Made {done} {value.told.lower()}.",
    ),
    BulkAction(
        key="area",
        title="Set the area…",
        asks="Area; blank clears it",
        parse=_area,
        now=lambda item, on: item.area or "",
        then=lambda item, on, value: value.told,
        do=lambda items, value, actor: triage.update_many(items=items, actor=actor, area=value.given),
        said=lambda done, value: (
            f"Set the area of {done} to {value.told}." if value.told else f"Cleared {done}'s area."
        ),
    ),
    BulkAction(
        key="assign",
        title="Assign…",
        asks="Assignee",
        choices=_people_menu,
        parse=_person,
        now=lambda item, on: str(item.assignee or ""),
        then=lambda item, on, value: value.told,
        do=lambda items, value, actor: triage.update_many(items=items, actor=actor, assignee=value.given),
        said=_assigned,
    ),
    BulkAction(
        key="label",
        title="Add a label…",
        asks="Label",
        choices=_label_menu,
        parse=_label,
        now=lambda item, on: _words(on),
        then=_with,
        do=lambda items, value, actor: labels.add_to_many(items=items, label=value.given, actor=actor),
        said=lambda done, value: f"Labelled {done} “{value.told}”.",
    ),
    BulkAction(
        key="unlabel",
        title="Remove a label…",
        asks="Label",
        choices=_label_menu,
        parse=_label,
        now=lambda item, on: _words(on),
        then=_without,
        do=lambda items, value, actor: labels.remove_from_many(items=items, label=value.given, actor=actor),
        said=lambda done, value: f"Took “{value.told}” off {done}.",
    ),
    BulkAction(
        key="spam",
        title="Mark as spam",
        asks="",
        fixed=Status.SPAM.value,
        parse=_of([(Status.SPAM.value, Status.SPAM.label)]),
        now=lambda item, on: item.get_status_display(),
        then=lambda item, on, value: value.told,
        do=lambda items, value, actor: triage.update_many(items=items, actor=actor, status=value.given),
        said=lambda done, value: f"Marked {done} as spam.",
    ),
)
