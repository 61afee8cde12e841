"""The conversation on an item's page: what was written back, and the form for more."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, QueryDict

from accounts.admin.reach import reach_of
from accounts.domain.actors import Actor
from accounts.domain.roles import May
from accounts.models import User
from feedback.domain import posting, replies
from feedback.domain.queries import conversations
from feedback.domain.replies import ReplyDraft
from feedback.models import FeedbackItem


def context(request: HttpRequest, item: FeedbackItem, kept: QueryDict) -> dict[str, Any]:
    """`kept` is what was typed when it could not be sent."""
    lines = conversations.of_item(item=item)
    found: dict[str, Any] = {"conversation": lines, "may_reply": may_reply(request, item)}
    if not found["may_reply"] or not isinstance(request.user, User):
        return found
    ways = replies.ways_to(item=item) if item.allow_contact else []
    open_ways = [way for way in ways if way.open]
    return found | {
        "obstacle": replies.obstacle(item=item, ways=ways),
        "ways": open_ways,
        "closed_ways": [way for way in ways if not way.open],
        "answers_to": posting.postman().senders(item=item, writer=request.user),
        "reply_token": kept.get("token") or uuid.uuid4(),
        "reply": {
            "body": kept.get("value", ""),
            "subject": kept.get("subject") or replies.usual_subject(item=item),
            "channel": kept.get("channel") or (open_ways[0].channel if open_ways else ""),
            "answers_to": kept.get("answers_to", ""),
        },
        "reply_length": replies.BODY_LENGTH,
    }


def may_reply(request: HttpRequest, item: FeedbackItem) -> bool:
    return reach_of(request).may(May.REPLY, item.account_id)


def send(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    draft = ReplyDraft(
        channel=sent.get("channel", ""),
        subject=sent.get("subject", ""),
        body=sent.get("value", ""),
        answers_to=sent.get("answers_to", ""),
        token=_token(sent),
    )
    reply = replies.send(item=item, draft=draft, writer=user, version=version)
    return f"The reply leaves by {reply.get_channel_display()} in a moment. Until then it can be taken back."


def take_back(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    replies.take_back(reply=conversations.reply_for(item=item, id=sent.get("value", "")), writer=user)
    return "Taken back: it is not sent."


def _token(sent: QueryDict) -> uuid.UUID:
    try:
        return uuid.UUID(sent.get("token", ""))
    except ValueError:
        # A form of nobody's making; each of its posts is a reply of its own.
        return uuid.uuid4()


VERBS = {"reply": send, "unsend": take_back}
