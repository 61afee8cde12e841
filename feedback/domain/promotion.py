"""Which answers become items that staff triage."""

from __future__ import annotations

from typing import Literal

from accounts.domain.actors import Actor
from feedback.domain import items
from feedback.domain.items import ItemDraft
from feedback.models import Evidence, FeedbackItem, Response

# An NPS detractor; three stars and fewer, which is below CSAT's top two boxes.
UNHAPPY_UP_TO = {Response.Kind.NPS: 6, Response.Kind.STAR_RATING: 3}
PROMOTER_FROM = 9
CHANNELS = {"kiosk": FeedbackItem.Channel.KIOSK}
Mood = Literal["good", "neutral", "bad"]


def promote(*, response: Response, actor: Actor) -> FeedbackItem | None:
    """Make an unhappy answer with a comment an item, once. None: happy, without words, or an item already.

    Call it in the transaction that writes the comment, holding the lock of the response's row: that lock is what
    makes it once.
    """
    comment = response.comment
    if comment is None or not is_unhappy(response):
        return None
    if Evidence.objects.filter(record=comment, item__type=FeedbackItem.Type.COMPLAINT).exists():
        return None
    draft = ItemDraft(
        type=FeedbackItem.Type.COMPLAINT,
        channel=CHANNELS.get(response.score.source_type, FeedbackItem.Channel.REQUEST),
        message=comment.value_text or "",
        customer=response.customer,
        location=response.location,
    )
    return items.create(account=response.account, draft=draft, actor=actor, evidence=(response.score, comment))


def is_unhappy(response: Response) -> bool:
    if response.kind == Response.Kind.HAPPY:
        return response.score.value_boolean is False
    value = response.score.value_number
    return value is not None and value <= UNHAPPY_UP_TO[Response.Kind(response.kind)]


def mood(response: Response) -> Mood:
    """How to colour it: NPS's passives, 7 and 8, are neither."""
    if is_unhappy(response):
        return "bad"
    passive = response.kind == Response.Kind.NPS and (response.score.value_number or 0) < PROMOTER_FROM
    return "neutral" if passive else "good"
