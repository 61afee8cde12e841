"""The life of an item: who looked at it, who decided what, and when it was done with.

Every verb locks the row, checks the caller's `version` if they gave one, writes what changed and counts the version up.
Nothing changed: nothing is written. All take keywords and the actor, and return the item as it now stands.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Literal, NamedTuple, TypedDict, Unpack, cast

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import connection, transaction
from django.db.models import Field, ForeignKey
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import User
from feedback.domain import undo
from feedback.domain.sla import clocks
from feedback.models import FeedbackItem, ItemNote
from feedbackhub.errors import BadReference, Conflict, FieldProblem, Invalid, NotFound

Type = FeedbackItem.Type
Status = FeedbackItem.Status

AREA_LENGTH = 200
NOTE_LENGTH = 10_000
URL_LENGTH = 2048
# First half of the advisory lock that marking duplicates takes; the second is the account.
DUPLICATES_LOCK = 0x4455


class Changes(TypedDict, total=False):
    """What `update` may change; a key that is absent stays as it is, None clears where a thing can be cleared."""

    status: str
    type: str
    area: str | None
    admin_note: str | None
    external_issue_url: str | None
    assignee: User | None
    duplicate_of: FeedbackItem | None
    takes_alike: bool


class Phase(Enum):
    NEW = "new"
    OPEN = "open"
    DONE = "done"


Stamp = Literal["keep", "stamp", "clear"]


class Effect(NamedTuple):
    reviewed: Stamp
    closed: Stamp


PHASE: dict[str, Phase] = {
    Status.NEW: Phase.NEW,
    Status.REVIEWED: Phase.OPEN,
    Status.PLANNED: Phase.OPEN,
    Status.IN_PROGRESS: Phase.OPEN,
    Status.SHIPPED: Phase.DONE,
    Status.CLOSED: Phase.DONE,
    Status.IGNORED: Phase.DONE,
    Status.SPAM: Phase.DONE,
}

# What a move does to reviewed_* and closed_*. "stamp" writes now and the actor where nothing is written yet.
EFFECTS: dict[tuple[Phase, Phase], Effect] = {
    (Phase.NEW, Phase.NEW): Effect("keep", "keep"),
    (Phase.NEW, Phase.OPEN): Effect("stamp", "keep"),
    (Phase.NEW, Phase.DONE): Effect("stamp", "stamp"),
    (Phase.OPEN, Phase.NEW): Effect("clear", "clear"),
    (Phase.OPEN, Phase.OPEN): Effect("stamp", "keep"),
    (Phase.OPEN, Phase.DONE): Effect("stamp", "stamp"),
    (Phase.DONE, Phase.NEW): Effect("clear", "clear"),
    (Phase.DONE, Phase.OPEN): Effect("stamp", "clear"),
    (Phase.DONE, Phase.DONE): Effect("stamp", "keep"),
}


def set_status(*, item: FeedbackItem, status: str, actor: Actor, version: int | None = None) -> FeedbackItem:
    return update(item=item, actor=actor, version=version, status=status)


def set_type(*, item: FeedbackItem, type: str, actor: Actor, version: int | None = None) -> FeedbackItem:
    return update(item=item, actor=actor, version=version, type=type)


def set_area(*, item: FeedbackItem, area: str | None, actor: Actor, version: int | None = None) -> FeedbackItem:
    return update(item=item, actor=actor, version=version, area=area)


def assign(*, item: FeedbackItem, assignee: User | None, actor: Actor, version: int | None = None) -> FeedbackItem:
    """Give the item to somebody who can open it, or to nobody."""
    return update(item=item, actor=actor, version=version, assignee=assignee)


def link_issue(*, item: FeedbackItem, url: str | None, actor: Actor, version: int | None = None) -> FeedbackItem:
    """Point at the issue in the team's own tracker; None or blank removes the link."""
    return update(item=item, actor=actor, version=version, external_issue_url=url)


def mark_duplicate(*, item: FeedbackItem, of: FeedbackItem, actor: Actor, version: int | None = None) -> FeedbackItem:
    """Say that another item of the account is the one to work on. The status stays as it is."""
    return update(item=item, actor=actor, version=version, duplicate_of=of)


def clear_duplicate(*, item: FeedbackItem, actor: Actor, version: int | None = None) -> FeedbackItem:
    return update(item=item, actor=actor, version=version, duplicate_of=None)


def add_note(*, item: FeedbackItem, body: str, actor: Actor, version: int | None = None) -> ItemNote:
    """Tell the team something. Overwrites nothing, so the item's version stays; but whoever gives the one they saw
    is told (Conflict) when the item is another since, and may not want to say it any more."""
    with actors.acting(actor), transaction.atomic():
        if version is not None and not FeedbackItem.objects.filter(pk=item.pk, version=version).exists():
            raise Conflict("Somebody changed this item in the meantime. Look at it again before you add a note.")
        note = ItemNote.objects.create(
            item=item, author=actor.code, author_name=actor.label, body=_text("body", body, NOTE_LENGTH)
        )
        undo.step(item=item, kind="note", before={"note": note.pk})
        return note


@undo.reverser("note")
def _remove_note(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None:
    number, _ = ItemNote.objects.filter(item=item, pk=before["note"]).delete()
    if not number:
        raise Conflict("The note is gone already.")


@dataclass(frozen=True)
class BulkOutcome:
    changed: int
    # Already so.
    unchanged: int
    # Changed or deleted by somebody else since the caller looked.
    skipped: int


def update_many(*, items: Mapping[FeedbackItem, int], actor: Actor, **changes: Unpack[Changes]) -> BulkOutcome:
    """Change many items alike; each is given with the version the caller saw, and left alone if that is stale.

    Not for duplicates, whose links are judged one by one. Raises Invalid if the change is wrong for any account of
    theirs: then nothing is written.
    """
    outcomes: Counter[str] = Counter()
    wanted: dict[int, dict[str, Any]] = {}
    with actors.acting(actor), transaction.atomic():
        # By primary key, as everybody locks many: two of them must not wait for each other.
        locked = FeedbackItem.objects.select_for_update(of=("self",)).select_related("account").order_by("pk")
        rows = {row.pk: row for row in locked.filter(pk__in=[item.pk for item in items])}
        for row in rows.values():
            if row.account_id not in wanted:
                wanted[row.account_id] = _checked(row, cast("dict[str, Any]", changes))
        for item, version in items.items():
            found = rows.get(item.pk)
            if found is None or found.version != version:
                outcomes["skipped"] += 1
                continue
            _write(found, wanted[found.account_id], actor)
            outcomes["changed" if found.version != version else "unchanged"] += 1
    return BulkOutcome(outcomes["changed"], outcomes["unchanged"], outcomes["skipped"])


def update(*, item: FeedbackItem, actor: Actor, version: int | None = None, **changes: Unpack[Changes]) -> FeedbackItem:
    """Change several things at once, all or none.

    Raises Conflict if `version` is given and somebody changed the item since; Invalid with every field at fault;
    BadReference for a duplicate in another account.
    """
    wanted = _checked(item, cast("dict[str, Any]", changes))
    with actors.acting(actor), transaction.atomic():
        if wanted.get("duplicate_of") is not None:
            lock_duplicates(item.account_id)
        row = FeedbackItem.objects.select_for_update(of=("self",)).filter(pk=item.pk).first()
        if row is None:
            raise NotFound("This item has been deleted.")
        if version is not None and version != row.version:
            raise Conflict(
                "Somebody changed this item in the meantime. Look at it again before you change it.",
                details={"version": row.version, "status": row.status},
            )
        if wanted.get("duplicate_of") is not None:
            _refuse_circle(row, wanted["duplicate_of"])
        _write(row, wanted, actor)
    item.refresh_from_db()
    return item


def _write(row: FeedbackItem, wanted: dict[str, Any], actor: Actor) -> None:
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not changed:
        return
    now = timezone.now()
    if "status" in changed:
        changed |= _stamps(row, changed["status"], now, actor.code)
        changed |= clocks.moved(item=row, changed=changed, actor=actor, now=now)
    before = {name: getattr(row, _column(name).attname) for name in changed}
    _save(row, changed)
    undo.step(item=row, kind="item.fields", before=before, version=row.version)


def _save(row: FeedbackItem, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version", "updated_at"])


def _lock_chains(account_id: int, befores: list[dict[str, Any]]) -> None:
    if any(before.get("duplicate_of") for before in befores):
        lock_duplicates(account_id)


@undo.reverser("item.fields", lock=_lock_chains)
def _restore(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None:
    """Put columns back, stamps included: together they were valid. What they point at may be gone since."""
    values = {name: _still(item, name, value) for name, value in before.items()}
    _save(item, values)


def _column(name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", FeedbackItem._meta.get_field(name))


def _still(item: FeedbackItem, name: str, value: Any) -> Any:
    field = _column(name)
    if value is None or not isinstance(field, ForeignKey):
        return field.to_python(value)
    related = field.related_model._default_manager.filter(pk=value).first()
    if related is None:
        raise Conflict("What this pointed at is gone.")
    checked = _check(item, name, related)
    if name == "duplicate_of":
        _refuse_circle(item, checked)
    return checked


def _stamps(row: FeedbackItem, status: str, now: datetime, by: str) -> dict[str, Any]:
    effect = EFFECTS[PHASE[row.status], PHASE[status]]
    return _stamp(row, "reviewed", effect.reviewed, now, by) | _stamp(row, "closed", effect.closed, now, by)


def _stamp(row: FeedbackItem, name: str, what: Stamp, now: datetime, by: str) -> dict[str, Any]:
    if what == "clear":
        return {f"{name}_at": None, f"{name}_by": None}
    if what == "stamp" and getattr(row, f"{name}_at") is None:
        return {f"{name}_at": now, f"{name}_by": by}
    return {}


def _checked(item: FeedbackItem, changes: dict[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, value in changes.items():
        try:
            wanted[name] = _check(item, name, value)
        except BadReference:
            raise
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid.many(problems)
    return wanted


def _check(item: FeedbackItem, name: str, value: Any) -> Any:
    match name:
        case "status" | "type":
            known = Status.values if name == "status" else Type.values
            if value not in known:
                raise Invalid(f"Unknown {name} {value!r}. Known are {', '.join(known)}.", field=name)
            return value
        case "area":
            return _optional(name, value, AREA_LENGTH)
        case "admin_note":
            return _optional(name, value, NOTE_LENGTH)
        case "external_issue_url":
            return _url(name, value)
        case "assignee":
            return _colleague(item, value)
        case "takes_alike":
            return bool(value)
        case _:
            return _original(item, value)


def _text(name: str, value: str, length: int) -> str:
    text = value.strip()
    if not text or "\0" in text:
        raise Invalid("Write something first." if not text else "Text must not contain NUL.", field=name)
    if len(text) > length:
        raise Invalid(f"At most {length} characters; these are {len(text)}.", field=name)
    return text


def _optional(name: str, value: str | None, length: int) -> str | None:
    return _text(name, value, length) if value and value.strip() else None


def _url(name: str, value: str | None) -> str | None:
    url = _optional(name, value, URL_LENGTH)
    if url is None:
        return None
    try:
        # A link that staff click: nothing but http and https.
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        raise Invalid("Give a whole address that starts with https:// or http://.", field=name) from error
    return url


def _colleague(item: FeedbackItem, user: User | None) -> User | None:
    if user is None or access.may(user, item.account, what=May.TRIAGE):
        return user
    raise Invalid(f"{user} cannot open this item, so it cannot be theirs.", field="assignee")


def _original(item: FeedbackItem, original: FeedbackItem | None) -> FeedbackItem | None:
    if original is None:
        return None
    if original.account_id != item.account_id:
        raise BadReference("There is no such item.", field="duplicate_of")
    if original.pk == item.pk:
        raise Invalid("An item cannot be a duplicate of itself.", field="duplicate_of")
    return original


def lock_duplicates(account_id: int) -> None:
    """One at a time in an account: two people linking A to B and B to A must not both find no circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [DUPLICATES_LOCK, account_id])


def _refuse_circle(item: FeedbackItem, original: FeedbackItem) -> None:
    seen: set[uuid.UUID] = set()
    step: uuid.UUID | None = original.pk
    while step is not None and step not in seen:
        if step == item.pk:
            raise Invalid("That item is itself a duplicate of this one.", field="duplicate_of")
        seen.add(step)
        step = FeedbackItem.objects.values_list("duplicate_of", flat=True).get(pk=step)
