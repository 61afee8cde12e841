"""Writing back to whoever said something: one person's words to one person, once.

It needs their word that they may be contacted about it, and an address that nothing forbids to write to.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import User
from crm.domain import customers
from crm.models import Customer
from feedback.domain import posting, undo
from feedback.domain.posting import Way
from feedback.domain.queries import conversations
from feedback.domain.sla import clocks
from feedback.models import FeedbackItem, Reply
from feedbackhub.errors import Conflict, Invalid, NotFound, Refused

BODY_LENGTH = 5_000
SUBJECT_LENGTH = 200
NO_CONTACT = "They did not say that they may be contacted about this."
LEFT = "It has left already, and cannot be taken back."
NOBODY = "Nobody knows who said this: there is no address to write to."


@dataclass(frozen=True, kw_only=True)
class ReplyDraft:
    """What was typed. `token` is the form's: sent twice, it is one reply. Blank `answers_to` is the usual address."""

    channel: str
    body: str
    subject: str = ""
    answers_to: str = ""
    token: uuid.UUID = field(default_factory=uuid.uuid4)


def send(*, item: FeedbackItem, draft: ReplyDraft, writer: User, version: int | None = None) -> Reply:
    """Store the reply and put it into the queue.

    Raises Conflict when somebody changed the item or replied since `version`, Refused when the person may not or
    cannot be written to, Invalid for the words; nothing is stored then.
    """
    with actors.acting(actors.from_user(writer)), transaction.atomic():
        if not item.allow_contact:
            raise Refused(NO_CONTACT)
        customer = person_of(item=item, writer=writer)
        row = _locked(item)
        earlier = Reply.objects.filter(item=row, token=draft.token).first()
        if earlier is not None:
            return earlier
        if version is not None and version != row.version:
            raise Conflict("Somebody changed this item in the meantime. Look at it again before you reply.")
        reply = post(item=row, customer=customer, draft=draft, writer=writer)
        # Whoever has the page open and was about to reply as well is told.
        row.version += 1
        row.save(update_fields=["version", "updated_at"])
        clocks.responded(item=row, at=reply.created_at)
        undo.step(item=row, kind="reply", before={"reply": reply.pk}, version=row.version)
    item.refresh_from_db()
    return reply


def post(*, item: FeedbackItem, customer: Customer, draft: ReplyDraft, writer: User) -> Reply:
    """The row and its place in the queue; in the transaction of a caller who holds the item."""
    by = actors.from_user(writer)
    reply = Reply.objects.create(
        account=item.account,
        item=item,
        customer=customer,
        channel=_channel(draft.channel),
        subject=checked("subject", draft.subject, SUBJECT_LENGTH) if draft.channel == Reply.Channel.EMAIL else "",
        body=checked("body", draft.body, BODY_LENGTH),
        author=by.code,
        author_name=by.label,
        token=draft.token,
    )
    posting.postman().post(reply=reply, writer=writer, answers_to=draft.answers_to)
    return reply


def take_back(*, reply: Reply, writer: User) -> None:
    """Before it has left. Refused afterwards."""
    with actors.acting(actors.from_user(writer)), transaction.atomic():
        if not posting.postman().take_back(reply=reply):
            raise Refused(LEFT)
        FeedbackItem.objects.filter(pk=reply.item_id).update(updated_at=timezone.now())
        clocks.not_responded(item=_locked(reply.item), at=reply.created_at)


@undo.reverser("reply")
def _take_back(*, item: FeedbackItem, before: dict[str, Any], actor: Actor) -> None:
    reply = Reply.objects.filter(item=item, pk=before["reply"]).first()
    if reply is None or not posting.postman().take_back(reply=reply):
        raise Refused(LEFT)
    item.version += 1
    item.save(update_fields=["version", "updated_at"])
    clocks.not_responded(item=item, at=reply.created_at)


def person_of(*, item: FeedbackItem, writer: User) -> Customer:
    """Whom a reply goes to. Somebody known by the submitter's address only becomes a customer, so that an opt-out
    has a place to be kept. Refused when there is nobody."""
    known = conversations.person_of(item=item)
    if known is None:
        raise Refused(NOBODY)
    if known._state.adding:
        fields: customers.CustomerFields = {"email": known.email, "fname": known.fname}
        known = customers.upsert(account=item.account, fields=fields, actor=actors.from_user(writer))
    if item.customer_id is None:
        FeedbackItem.objects.filter(pk=item.pk, customer=None).update(customer=known)
        item.customer = known
    return known


def ways_to(*, item: FeedbackItem) -> list[Way]:
    """By which channels a reply could reach the person, and why not. Empty when nobody is known."""
    known = conversations.person_of(item=item)
    if known is None:
        return []
    return posting.postman().ways(account=item.account, people=[known])[0]


def obstacle(*, item: FeedbackItem, ways: list[Way]) -> str:
    """Why no reply can be written at all, or ""."""
    if not item.allow_contact:
        return NO_CONTACT
    if not ways:
        return NOBODY
    return "" if any(way.open for way in ways) else "They cannot be reached."


def usual_subject(*, item: FeedbackItem) -> str:
    return f"Your feedback to {item.account.display_name}"[:SUBJECT_LENGTH]


def checked(name: str, text: str, length: int) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text or "\0" in text:
        raise Invalid("Write something first." if not text else "Text must not contain NUL.", field=name)
    if len(text) > length:
        raise Invalid(f"At most {length} characters; these are {len(text)}.", field=name)
    return text


def _channel(channel: str) -> str:
    if channel not in Reply.Channel.values:
        raise Invalid("Choose e-mail or SMS.", field="channel")
    return channel


def _locked(item: FeedbackItem) -> FeedbackItem:
    row = FeedbackItem.objects.select_for_update(of=("self",)).select_related("account").filter(pk=item.pk).first()
    if row is None:
        raise NotFound("This item has been deleted.")
    return row
