"""What one person answers on a landing or kiosk page: a score, then perhaps a comment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import Account
from crm.models import Customer, Location
from feedback.domain import promotion, records
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord, Response
from feedbackhub.errors import Invalid
from feedbackhub.ids import new_code
from feedbackhub.texts import tidy_lines

Kind = Response.Kind
FieldType = FeedbackRecord.FieldType

# Characters of a comment; the page's text area stops there as well.
COMMENT_LENGTH = 5000
COMMENT_LABEL = "Comment"
# How the records of an answer say where it was given.
SOURCE_TYPES = {"request": "feedback_request", "kiosk": "kiosk"}
RANGES = {Kind.NPS: (0, 10), Kind.STAR_RATING: (1, 5)}
FIELD_TYPES = {Kind.NPS: FieldType.NPS, Kind.STAR_RATING: FieldType.RATING, Kind.HAPPY: FieldType.BOOLEAN}


def submit(
    *,
    account: Account,
    kind: str,
    score: int | bool,
    actor: Actor,
    comment: str = "",
    customer: Customer | None = None,
    location: Location | None = None,
    channel: str = "request",
    source_id: str | None = None,
    question: str | None = None,
    metadata: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Response:
    """Store an answer: its Response, one record for the score, one for the comment if there is any.

    `channel` is "request" or "kiosk"; `source_id` names the request or kiosk; `question` is what the person read.
    Raises Invalid for a score outside its kind's scale. Says nothing about asking twice: that is the caller's lock.
    """
    _check_score(Kind(kind), score)
    now = at or timezone.now()
    with actors.acting(actor), transaction.atomic():
        response = Response(public_id=new_code(), account=account, kind=kind, location=location, customer=customer)
        number = None if isinstance(score, bool) else float(score)
        response.score = _record(
            response,
            now,
            actor,
            source_type=SOURCE_TYPES[channel],
            source_id=source_id,
            field_id=kind,
            field_type=FIELD_TYPES[Kind(kind)],
            field_label=question,
            value_number=number,
            value_scale=RANGES[Kind(kind)][1] if Kind(kind) in RANGES else None,
            value_boolean=score if number is None else None,
            metadata=metadata,
        )
        response.save(force_insert=True)
        if at is not None:
            # Answers that are brought in later keep their time; auto_now_add would overwrite it.
            response.created_at = at
            response.save(update_fields=["created_at"])
        if text := clean_comment(comment):
            add_comment(response=response, comment=text, actor=actor, at=now)
        else:
            promotion.promote(response=response, actor=actor)
    return response


def add_comment(*, response: Response, comment: str, actor: Actor, at: datetime | None = None) -> bool:
    """Join a comment to an answer, once; an unhappy answer becomes an item. False: nothing said, or said before."""
    text = clean_comment(comment)
    if not text:
        return False
    with actors.acting(actor), transaction.atomic():
        # Two posts of one form arrive at once: the second waits here and finds the comment of the first.
        rows = Response.objects.select_related("score", "account", "customer", "location")
        row = rows.select_for_update(of=("self",)).get(pk=response.pk)
        if row.comment_id is not None:
            return False
        row.comment = _record(
            row,
            at or timezone.now(),
            actor,
            source_type=row.score.source_type,
            source_id=row.score.source_id,
            field_id="comment",
            field_type=FieldType.TEXT,
            field_label=COMMENT_LABEL,
            value_text=text,
        )
        row.save(update_fields=["comment"])
        response.comment = row.comment
        promotion.promote(response=row, actor=actor)
    return True


def score_of(response: Response) -> int | bool:
    """The score as it was given: 0 to 10, 1 to 5, or whether they were happy."""
    record = response.score
    return bool(record.value_boolean) if response.kind == Kind.HAPPY else int(record.value_number or 0)


def clean_comment(comment: str) -> str:
    """The comment as it is stored. Raises Invalid if it is too long."""
    # Browsers count a line end as one character, though they send two.
    text = tidy_lines(comment)
    if len(text) > COMMENT_LENGTH:
        raise Invalid(f"Keep the comment within {COMMENT_LENGTH} characters; it has {len(text)}.", field="comment")
    return text


def _check_score(kind: Kind, score: int | bool) -> None:
    if kind == Kind.HAPPY:
        if not isinstance(score, bool):
            raise Invalid("Say true for happy, false for unhappy.", field="score")
        return
    low, high = RANGES[kind]
    if isinstance(score, bool) or not isinstance(score, int) or not low <= score <= high:
        raise Invalid(f"Give a whole number from {low} to {high}.", field="score")


def _record(response: Response, at: datetime, actor: Actor, **values: Any) -> FeedbackRecord:
    """One typed answer of this sitting: all share the response's public id."""
    draft = RecordDraft(
        contract=FeedbackRecord.Contract.REQUEST,
        submission_id=response.public_id,
        customer_id=response.customer_id,
        location_id=response.location_id,
        language=response.account.language or None,
        collected_at=at,
        **values,
    )
    return records.create(account=response.account, draft=draft, actor=actor)
