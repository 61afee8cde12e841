"""Saying that items are one, taking it back, and saying that they are not.

Nothing is moved: a duplicate keeps its words, notes, evidence, status and history, and points at what it repeats
(feedback/domain/queries/groups.py reads the chain). It leaves the tabs of work while it does. Taking it back clears the
pointer, which leaves it as it was, in whatever group it was root of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models.base import TenantQuerySet
from feedback.domain import triage, undo
from feedback.domain.queries import groups
from feedback.domain.triage import BulkOutcome
from feedback.models import FeedbackItem, NotAlike
from feedbackhub.errors import BadReference, Conflict, Invalid, NotFound


def merge(
    *, item: FeedbackItem, into: FeedbackItem, actor: Actor, version: int | None = None, why: str = ""
) -> FeedbackItem:
    """Have an item repeat another one of its account, or what that one repeats in turn; returns the root.

    Raises Invalid if that would be a circle, BadReference for an item of another account, Conflict for a stale version.
    `why` is told in the history.
    """
    if item.account_id != into.account_id:
        raise BadReference("There is no such item.", field="duplicate_of")
    with transaction.atomic(), actors.acting(actor, **({"why": why} if why else {})):
        triage.lock_duplicates(item.account_id)
        root = _locked_root(item, into)
        if root.pk == item.pk:
            raise Invalid("That item is this one, or repeats it already.", field="duplicate_of")
        triage.update(item=item, actor=actor, version=version, duplicate_of=root)
    return root


def unmerge(*, item: FeedbackItem, actor: Actor, version: int | None = None) -> FeedbackItem:
    """An item stands for itself again, with everything that repeats it. Nothing to do: nothing is written."""
    return triage.clear_duplicate(item=item, actor=actor, version=version)


def merge_many(*, items: Mapping[FeedbackItem, int], into: FeedbackItem, actor: Actor) -> BulkOutcome:
    """Have many items repeat one; each is given with the version the caller saw, and left alone if that is stale.

    The one may be among them, and may itself repeat one of them: then it stands for itself first.
    """
    others = {item: version for item, version in items.items() if item.pk != into.pk}
    changed = unchanged = skipped = 0
    with transaction.atomic():
        triage.lock_duplicates(into.account_id)
        root_id = groups.root_of(item=into)
        _lock(into.account_id, {into.pk, root_id, *(item.pk for item in others)})
        if root_id in {item.pk for item in others}:
            unmerge(item=into, actor=actor)
        for item, version in others.items():
            try:
                merge(item=item, into=into, actor=actor, version=version)
            except (Conflict, NotFound, Invalid, BadReference):
                skipped += 1
            else:
                changed += item.version != version
                unchanged += item.version == version
    return BulkOutcome(changed, unchanged, skipped)


def tell_apart(*, item: FeedbackItem, other: FeedbackItem, actor: Actor) -> bool:
    """Say that two items are about different things, so that neither is suggested for the other; False: said before."""
    if item.account_id != other.account_id:
        raise BadReference("There is no such item.", field="item")
    if item.pk == other.pk:
        raise Invalid("An item is like itself.", field="item")
    first, second = _in_order(item.pk, other.pk)
    with transaction.atomic(), actors.acting(actor):
        if len(_locked(item.account_id).filter(pk__in=[first, second]).order_by("pk")) < 2:
            raise NotFound("One of the items has been deleted.")
        _, made = NotAlike.objects.get_or_create(
            first_id=first,
            second_id=second,
            defaults={"account_id": item.account_id, "said_by": actor.code, "said_by_name": actor.label},
        )
        if made:
            undo.step(item=item, kind="not_alike", before={"other": other.pk})
    return made


@undo.reverser("not_alike")
def _suggest_again(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None:
    if not take_back(item=item, other_id=UUID(before["other"]), actor=actor):
        raise Conflict("They are suggested again already.")


def take_back(*, item: FeedbackItem, other_id: UUID, actor: Actor) -> bool:
    """Have two items suggested for each other again; False: nobody had told them apart."""
    first, second = _in_order(item.pk, other_id)
    with actors.acting(actor):
        rows = NotAlike.objects.for_account(item.account_id).filter(first_id=first, second_id=second)
        return bool(rows.delete()[0])


def take_alike(*, item: FeedbackItem, on: bool, actor: Actor, version: int | None = None) -> FeedbackItem:
    """Whether what comes in later and says the same joins this item by itself (feedback/domain/arrivals.py)."""
    return triage.update(item=item, actor=actor, version=version, takes_alike=on)


def _locked_root(item: FeedbackItem, into: FeedbackItem) -> FeedbackItem:
    """What `into` repeats in the end, locked with the item that is to repeat it."""
    root_id = groups.roots_of(ids=[into.pk]).get(into.pk)
    root = _lock(into.account_id, {item.pk, root_id}).get(root_id) if root_id else None
    if root is None:
        raise NotFound("This item has been deleted.")
    return root


def _lock(account_id: int, ids: Collection[UUID]) -> dict[UUID, FeedbackItem]:
    """By primary key, as everybody locks many, and as hard as `triage.update` will."""
    rows = FeedbackItem.objects.for_account(account_id).select_for_update(of=("self",))
    return {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}


def _locked(account_id: int) -> TenantQuerySet[FeedbackItem]:
    """Items that are not deleted before something that is written now points at them."""
    return FeedbackItem.objects.for_account(account_id).select_for_update(no_key=True, of=("self",))


def _in_order(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)
