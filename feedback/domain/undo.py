"""Taking back what one just did to items, within MINUTES of doing it.

Three parties, none of which knows the others:

**Whoever does something** in a person's name says where it starts and ends, and what it was:

    with undo.undoable(actor=actor) as action:
        triage.update(item=item, status="planned", actor=actor)
        triage.add_note(item=item, body="…", actor=actor)
        action.said = "Moved 1 item to Planned."

It opens a transaction. When it closes, `action.id` is what the button names, or None if nothing changed. One within
another joins it: a macro that calls verbs is taken back as a whole. An exception leaves nothing behind.

**Whoever writes** something that can be taken back, a verb, notes after its write and in its transaction what it was:

    undo.step(item=row, kind="item.fields", before={"status": "new"}, version=row.version)

`before` is JSON for the reverser (datetimes, UUIDs and decimals become text). `version` is the item's after the write;
leave it out if the write does not count the item's version up. Outside `undoable`, as in an API call, it does nothing.

**Whoever knows the way back** registers it under the step's kind, in the module of the verb:

    @undo.reverser("item.fields")
    def _restore(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None: ...

It is given the item, locked, within a transaction, and counts its version up if the verb does. It raises a HubError if
it cannot: that item is then reported as changed since, and stays whole. What else it locks it locks by primary key.

`undo` reverses an item's steps from the last to the first, only if the item's version is still the one that the action
left: what somebody did since is never overwritten. The audit names the undo, and asking twice is the same as once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import User
from feedback.models import ActionTaken, FeedbackItem, UndoStep
from feedbackhub.errors import Conflict, HubError, NotFound
from feedbackhub.ids import uuid7

MINUTES = 10
TEXTS = (UUID, Decimal)
# Rows that one DELETE of the tick takes.
AT_ONCE = 1000
GONE = "There is nothing to undo: it was undone already, or is too long ago."


class Reverser(Protocol):
    def __call__(self, *, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None: ...


# Given the account's id and what the steps were before, to lock what the way back needs besides the items.
Locker = Callable[[int, list[dict[str, Any]]], None]

_reversers: dict[str, Reverser] = {}
_lockers: dict[str, Locker] = {}


def reverser(kind: str, *, lock: Locker | None = None) -> Callable[[Reverser], Reverser]:
    """Register the way back of one kind of step. `lock` is called before the items are locked, as verbs lock them."""

    def register(function: Reverser) -> Reverser:
        _reversers[kind] = function
        if lock is not None:
            _lockers[kind] = lock
        return function

    return register


@dataclass(frozen=True)
class _Step:
    item_id: UUID
    account_id: int
    kind: str
    before: Any
    version: int | None


@dataclass
class Action:
    """What is being done; `said` is for the message and may be set until the end. `id` is set at the end."""

    said: str = ""
    id: UUID | None = None
    steps: list[_Step] = field(default_factory=list)


_current: ContextVar[Action | None] = ContextVar("undo", default=None)


@contextmanager
def undoable(*, actor: Actor) -> Iterator[Action]:
    """See above."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    action = Action()
    token = _current.set(action)
    try:
        with transaction.atomic():
            yield action
            _store(action, actor)
    finally:
        _current.reset(token)


def step(*, item: FeedbackItem, kind: str, before: Mapping[str, Any], version: int | None = None) -> None:
    """Note what a write changed. See above."""
    action = _current.get()
    if action is None:
        return
    if kind not in _reversers:
        raise LookupError(f"Nobody knows the way back of {kind!r}.")
    action.steps.append(_Step(item.pk, item.account_id, kind, _plain(before), version))


def _plain(before: Mapping[str, Any]) -> dict[str, Any]:
    # Not DjangoJSONEncoder, which cuts microseconds off.
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, TEXTS) else value
        for name, value in before.items()
    }


def _store(action: Action, actor: Actor) -> None:
    if not action.steps:
        return
    now = timezone.now()
    batch = uuid7()
    of_accounts: dict[int, list[_Step]] = defaultdict(list)
    for each in action.steps:
        of_accounts[each.account_id].append(each)
    rows = {
        account_id: ActionTaken(
            batch=batch,
            account_id=account_id,
            actor=actor.code,
            said=action.said[:300],
            done_at=now,
            expires_at=now + timedelta(minutes=MINUTES),
        )
        for account_id in of_accounts
    }
    ActionTaken.objects.bulk_create(rows.values())
    UndoStep.objects.bulk_create(
        UndoStep(
            action=rows[account_id],
            seq=seq,
            item_id=each.item_id,
            kind=each.kind,
            before=each.before,
            version=each.version,
        )
        for account_id, steps in of_accounts.items()
        for seq, each in enumerate(steps)
    )
    action.id = batch


# --- Back ---


@dataclass(frozen=True)
class Undone:
    """`said` is what the action said; `skipped` had been changed or deleted by somebody since."""

    said: str
    restored: int
    skipped: int


def undo(*, id: UUID, user: User, now: datetime | None = None) -> Undone:
    """Take an action of one's own back. Raises NotFound: nobody's, somebody else's, expired, no longer allowed."""
    actor = actors.from_user(user)
    moment = now or timezone.now()
    with actors.acting(actor, undo=str(id)), transaction.atomic():
        found = ActionTaken.objects.select_for_update(of=("self",)).filter(batch=id, actor=actor.code)
        rows = [row for row in found.select_related("account").order_by("pk") if _allowed(row, user, moment)]
        if not rows:
            raise NotFound(GONE)
        for row in rows:
            if row.undone_at is None:
                _take_back(row, actor, moment)
        return Undone(rows[0].said, sum(row.restored or 0 for row in rows), sum(row.skipped or 0 for row in rows))


def _allowed(row: ActionTaken, user: User, now: datetime) -> bool:
    # One that was undone says so again for as long as it is kept.
    alive = row.undone_at is not None or row.expires_at > now
    return alive and access.may(user, row.account, what=May.TRIAGE)


def _take_back(row: ActionTaken, actor: Actor, now: datetime) -> None:
    steps: dict[UUID, list[UndoStep]] = defaultdict(list)
    for each in UndoStep.objects.filter(action=row).order_by("-seq"):
        steps[each.item_id].append(each)
    for kind, lock in _lockers.items():
        lock(row.account_id, [each.before for of_item in steps.values() for each in of_item if each.kind == kind])
    # By primary key, as everybody locks many: two of them must not wait for each other.
    locked = FeedbackItem.objects.for_account(row.account_id).select_for_update(of=("self",))
    items = {item.pk: item for item in locked.filter(pk__in=steps).order_by("pk").select_related("account")}
    restored = sum(_restored(items.get(item_id), of_item, actor) for item_id, of_item in steps.items())
    row.undone_at, row.restored, row.skipped = now, restored, len(steps) - restored
    row.save(update_fields=["undone_at", "restored", "skipped"])


def _restored(item: FeedbackItem | None, steps: list[UndoStep], actor: Actor) -> bool:
    """Whether an item was put back; `steps` are from the last to the first."""
    left = max((each.version for each in steps if each.version is not None), default=None)
    if item is None or (left is not None and item.version != left):
        return False
    try:
        with transaction.atomic():
            for each in steps:
                way_back = _reversers.get(each.kind)
                if way_back is None:
                    raise Conflict("This can no longer be undone.")
                way_back(item=item, before=each.before, actor=actor)
            _rebase(item, steps)
    except HubError:
        return False
    return True


def _rebase(item: FeedbackItem, steps: list[UndoStep]) -> None:
    """The item stands as the action before left it, at a new version: that one can be taken back next."""
    first = min((each.version for each in steps if each.version is not None), default=None)
    if first is not None:
        UndoStep.objects.filter(item_id=item.pk, version=first - 1).update(version=item.version)


def latest(*, user: User, now: datetime | None = None) -> ActionTaken | None:
    """What the user did last and can still take back."""
    mine = ActionTaken.objects.filter(actor=actors.from_user(user).code, undone_at=None)
    return mine.filter(expires_at__gt=now or timezone.now()).order_by("-done_at", "-id").first()


def forget_expired(*, now: datetime | None = None) -> int:
    """Delete what can no longer be taken back, bounded; a tick calls it."""
    expired = ActionTaken.objects.filter(expires_at__lt=now or timezone.now()).order_by("expires_at")
    number, _ = ActionTaken.objects.filter(pk__in=list(expired.values_list("pk", flat=True)[:AT_ONCE])).delete()
    return number
