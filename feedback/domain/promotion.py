"""Answers of landing and kiosk pages become items in the transaction that stores them, by the account's rules."""

from __future__ import annotations

from typing import Literal

from accounts.domain.actors import Actor
from feedback.domain.rules import matching, sorting
from feedback.domain.rules.sittings import Sitting
from feedback.models import FeedbackItem, FeedbackRecord, Response

PROMOTER_FROM = 9
Mood = Literal["good", "neutral", "bad"]


def promote(*, response: Response, actor: Actor) -> FeedbackItem | None:
    """Make the answer the item that the account's rules want, once. None: no rule wants one, or it is an item already.

    Call it in the transaction that writes the score or the comment, holding the lock of the response's row.
    """
    records = (response.score, response.comment) if response.comment else (response.score,)
    sitting = Sitting(
        response.account,
        FeedbackRecord.Contract.REQUEST,
        "",
        response.public_id,
        records=records,
        at=response.created_at,
        who=response.customer,
        place=response.location,
    )
    return sorting.sort(sitting=sitting, actor=actor)


def is_unhappy(response: Response) -> bool:
    return matching.is_unhappy(response.score)


def mood(response: Response) -> Mood:
    """How to colour it: NPS's passives, 7 and 8, are neither."""
    if is_unhappy(response):
        return "bad"
    passive = response.kind == Response.Kind.NPS and (response.score.value_number or 0) < PROMOTER_FROM
    return "neutral" if passive else "good"
