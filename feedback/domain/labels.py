"""Labels: making them, and sorting items by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain import undo
from feedback.domain.triage import BulkOutcome
from feedback.models import FeedbackItem, ItemLabel, Label
from feedbackhub.errors import BadReference, Conflict, Invalid

NAME_LENGTH = 60
# A menu of more is no menu.
AT_MOST = 200


def create(*, account: Account, name: str, colour: str = Label.Colour.GREY, actor: Actor) -> Label:
    """Raises Invalid for a blank name or unknown colour, Conflict for a name the account has, in whatever case."""
    row = Label(account=account, name=_name(name), colour=_colour(colour))
    with actors.acting(actor), transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        if Label.objects.for_account(account).count() >= AT_MOST:
            raise Invalid(f"An account has at most {AT_MOST} labels.", field="name")
        _save(row)
    return row


def update(*, label: Label, actor: Actor, name: str | None = None, colour: str | None = None) -> Label:
    changes = {"name": _name(name)} if name is not None else {}
    changes |= {"colour": _colour(colour)} if colour is not None else {}
    with actors.acting(actor):
        for field, value in changes.items():
            setattr(label, field, value)
        _save(label, list(changes))
    return label


def delete(*, label: Label, actor: Actor) -> None:
    """Remove the label from the account and from all its items."""
    with actors.acting(actor):
        label.delete()


def add(*, item: FeedbackItem, label: Label, actor: Actor) -> bool:
    """Whether the item lacked it. Raises BadReference for another account's label."""
    if item.account_id != label.account_id:
        raise BadReference("There is no such label.", field="label")
    with actors.acting(actor), transaction.atomic():
        row, made = ItemLabel.objects.get_or_create(item=item, label=label)
        if made:
            undo.step(item=item, kind="label.added", before={"row": row.pk})
    return made


def remove(*, item: FeedbackItem, label: Label, actor: Actor) -> bool:
    """Whether the item had it."""
    with actors.acting(actor), transaction.atomic():
        number, _ = ItemLabel.objects.filter(item=item, label=label).delete()
        if number:
            undo.step(item=item, kind="label.removed", before={"label": label.pk})
    return bool(number)


def add_to_many(*, items: Mapping[FeedbackItem, int], label: Label, actor: Actor) -> BulkOutcome:
    """The versions are the caller's, and no matter: a label overwrites nothing."""
    return _many(items, label, actor, wanted=True)


def remove_from_many(*, items: Mapping[FeedbackItem, int], label: Label, actor: Actor) -> BulkOutcome:
    return _many(items, label, actor, wanted=False)


def _many(items: Mapping[FeedbackItem, int], label: Label, actor: Actor, *, wanted: bool) -> BulkOutcome:
    mine = [item for item in items if item.account_id == label.account_id]
    with actors.acting(actor), transaction.atomic():
        # By primary key, as everybody locks many.
        kept = FeedbackItem.objects.for_account(label.account_id).select_for_update(of=("self",), no_key=True)
        alive = list(kept.filter(pk__in=[item.pk for item in mine]).order_by("pk"))
        verb = add if wanted else remove
        changed = sum(verb(item=item, label=label, actor=actor) for item in alive)
    return BulkOutcome(changed, len(alive) - changed, len(items) - len(alive))


@undo.reverser("label.added")
def _take_off(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None:
    number, _ = ItemLabel.objects.filter(item=item, pk=before["row"]).delete()
    if not number:
        raise Conflict("The label is gone already.")


@undo.reverser("label.removed")
def _put_back(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None:
    label = Label.objects.for_account(item.account_id).filter(pk=before["label"]).first()
    if label is None:
        raise Conflict("The label has been deleted.")
    ItemLabel.objects.get_or_create(item=item, label=label)


def _save(label: Label, changed: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            label.save(update_fields=changed)
    except IntegrityError as error:
        if "label_once_an_account" in str(error):
            raise Conflict(f"There is a label “{label.name}” already.", details={"name": label.name}) from error
        raise


def _name(name: str) -> str:
    text = " ".join(name.split())
    if not text or "\0" in text:
        raise Invalid("Give the label a name.", field="name")
    if len(text) > NAME_LENGTH:
        raise Invalid(f"At most {NAME_LENGTH} characters; these are {len(text)}.", field="name")
    return text


def _colour(colour: str) -> str:
    if colour not in Label.Colour.values:
        raise Invalid(f"Known colours are {', '.join(Label.Colour.values)}.", field="colour")
    return colour
