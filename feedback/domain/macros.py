"""Macros: named sets of changes, applied to an item as one action that one undo takes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack, cast
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import Account, User
from feedback.domain import labels as labelling
from feedback.domain import posting, replies, triage, undo
from feedback.domain.queries import conversations
from feedback.domain.replies import ReplyDraft
from feedback.models import FeedbackItem, Label, Macro
from feedbackhub.errors import BadReference, Conflict, Invalid, Refused

NAME_LENGTH = 60
KEYS = range(1, 10)
# A menu of more is no menu.
AT_MOST = 50
NO_REPLY = "Your role does not cover writing to people, as this macro does."
# By which constraint, what to say.
TAKEN = {
    "macro_name_once": ("name", "There is a macro of this name already."),
    "macro_key_once": ("key", "Another macro has this key."),
}


class Fields(TypedDict, total=False):
    """Blank leaves a thing as it is."""

    name: str
    key: int | None
    status: str
    type: str
    area: str
    assignee: User | None
    assign_to_me: bool
    labels: Sequence[Label]
    note: str
    reply: str


def create(*, account: Account, actor: Actor, **fields: Unpack[Fields]) -> Macro:
    """Raises Invalid with the field at fault, Conflict for a name or a key that is taken."""
    with actors.acting(actor), transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if Macro.objects.for_account(account).count() >= AT_MOST:
            raise Invalid(f"An account has at most {AT_MOST} macros.", field="name")
        return _save(Macro(account=account), fields)


def update(*, macro: Macro, actor: Actor, **fields: Unpack[Fields]) -> Macro:
    with actors.acting(actor), transaction.atomic():
        return _save(macro, fields)


def delete(*, macro: Macro, actor: Actor) -> None:
    with actors.acting(actor):
        macro.delete()


def apply(
    *, macro: Macro, item: FeedbackItem, user: User, version: int | None = None, token: UUID | None = None
) -> FeedbackItem:
    """All of it or none. `token` is the form's, so that its reply is sent once.

    Raises Conflict when somebody changed the item since `version`, and whatever the parts raise.
    """
    if macro.account_id != item.account_id:
        raise BadReference("There is no such macro.", field="macro")
    actor = actors.from_user(user)
    with actors.acting(actor, macro=macro.name), undo.undoable(actor=actor):
        if macro.reply and item.allow_contact:
            # Takes the locks of the person's addresses, which come before the item's, as in every reply.
            replies.person_of(item=item, writer=user)
        triage.update(item=item, actor=actor, version=version, **_changes(macro, user))
        for label in macro.labels.order_by("name", "pk"):
            labelling.add(item=item, label=label, actor=actor)
        if macro.note:
            triage.add_note(item=item, body=macro.note, actor=actor)
        if macro.reply:
            _reply(macro, item, user, token)
    return item


@dataclass(frozen=True)
class Plan:
    """What applying would do to an item: (what, before, after); `obstacle` is why it cannot be done."""

    steps: list[tuple[str, str, str]]
    reply: str = ""
    obstacle: str = ""


def plan(*, macro: Macro, item: FeedbackItem, user: User) -> Plan:
    """Nothing is written."""
    on = set(Label.objects.filter(item_labels__item=item).values_list("pk", flat=True)) if macro.pk else set()
    steps = _field_steps(macro, item, user)
    steps += [("Label", "", label.name) for label in macro.labels.order_by("name", "pk") if label.pk not in on]
    if macro.note:
        steps.append(("Note", "", macro.note))
    if not macro.reply:
        return Plan(steps)
    try:
        way, words = _words(macro, item, user)
    except (Refused, Invalid) as error:
        return Plan(steps, macro.reply, error.message)
    return Plan([*steps, (f"Reply by {way.label} to {way.address}", "", words)], words)


def summary(macro: Macro) -> str:
    """What it does to any item, in a line. Reads `labels`."""
    found = [macro.get_status_display(), macro.get_type_display()]
    found.append(f"area {macro.area}" if macro.area else "")
    found.append("assign to me" if macro.assign_to_me else f"assign to {macro.assignee}" if macro.assignee else "")
    found += [f"label {label}" for label in macro.labels.all()]
    found += ["note" if macro.note else "", "reply" if macro.reply else ""]
    return ", ".join(filter(None, found))


def _changes(macro: Macro, user: User) -> triage.Changes:
    found: dict[str, Any] = {name: value for name in ("status", "type", "area") if (value := getattr(macro, name))}
    assignee = user if macro.assign_to_me else macro.assignee
    return cast("triage.Changes", found | ({"assignee": assignee} if assignee else {}))


def _field_steps(macro: Macro, item: FeedbackItem, user: User) -> list[tuple[str, str, str]]:
    found = []
    for name, value in _changes(macro, user).items():
        if getattr(item, name) != value:
            shown = getattr(macro, f"get_{name}_display", lambda value=value: str(value))()
            before = getattr(item, f"get_{name}_display", lambda name=name: str(getattr(item, name) or ""))()
            found.append((name.capitalize(), before, shown))
    return found


def _reply(macro: Macro, item: FeedbackItem, user: User, token: UUID | None) -> None:
    way, words = _words(macro, item, user)
    draft = ReplyDraft(
        channel=way.channel, subject=replies.usual_subject(item=item), body=words, token=token or uuid4()
    )
    replies.send(item=item, draft=draft, writer=user)


def _words(macro: Macro, item: FeedbackItem, user: User) -> tuple[posting.Way, str]:
    """By the first channel that is open, usually e-mail, and with the placeholders filled."""
    if not access.may(user, item.account, what=May.REPLY):
        raise Refused(NO_REPLY)
    ways = replies.ways_to(item=item)
    if problem := replies.obstacle(item=item, ways=ways):
        raise Refused(problem)
    person = conversations.person_of(item=item)
    if person is None:
        raise Refused(replies.NOBODY)
    way = next(way for way in ways if way.open)
    return way, posting.postman().fill(text=macro.reply, item=item, customer=person, writer=user)


def _save(macro: Macro, fields: Fields) -> Macro:
    labels = fields.get("labels")
    for name, value in fields.items():
        if name != "labels":
            setattr(macro, name, value.strip() if isinstance(value, str) else value)
    _check(macro, labels)
    try:
        with transaction.atomic():
            macro.save()
    except IntegrityError as error:
        for constraint, (field, said) in TAKEN.items():
            if constraint in str(error):
                raise Conflict(said, field=field) from error
        raise
    if labels is not None:
        macro.labels.set(labels)
    return macro


def _check(macro: Macro, labels: Sequence[Label] | None) -> None:
    if not macro.name or len(macro.name) > NAME_LENGTH:
        raise Invalid(f"Give it a name of at most {NAME_LENGTH} characters.", field="name")
    if macro.key is not None and macro.key not in KEYS:
        raise Invalid("The key is a digit from 1 to 9.", field="key")
    for name, known in (("status", FeedbackItem.Status.values), ("type", FeedbackItem.Type.values)):
        if getattr(macro, name) and getattr(macro, name) not in known:
            raise Invalid(f"Unknown {name}.", field=name)
    if macro.assignee and macro.assign_to_me:
        raise Invalid("Assign it to whoever applies it or to one person, not both.", field="assignee")
    if macro.assignee and not access.may(macro.assignee, macro.account, what=May.TRIAGE):
        raise Invalid(f"{macro.assignee} cannot open the account's items.", field="assignee")
    if any(label.account_id != macro.account_id for label in labels or ()):
        raise BadReference("There is no such label.", field="labels")
    if macro.reply:
        posting.postman().check(text=macro.reply)
    kept = macro.labels.exists() if labels is None and macro.pk else bool(labels)
    if not (kept or _changes(macro, User()) or macro.note or macro.reply):
        raise Invalid("Say at least one thing that it does.", field="status")
