"""The front page: what waits, what came in, whether sending works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.reach import chosen_account, narrowed, one_account, reach_of
from accounts.domain.queries import reach
from accounts.domain.roles import May
from campaigns.domain.queries import ledger
from campaigns.models import Message
from feedback.domain import promotion
from feedback.domain.queries import figures, inbox, telling, webhooks
from feedback.models import FeedbackItem, WebhookDelivery

NPS_DAYS = 90
ANSWERS = 8


def context(request: HttpRequest, page: dict[str, Any]) -> dict[str, Any]:
    """Called by the theme with the front page's context."""
    account = one_account(request)
    items = _rows(request, FeedbackItem)
    page |= {
        "new": inbox.told(_count(items, "new", request)) or "0",
        "mine": inbox.told(_count(items, "mine", request)) or "0",
        "answers": [
            (row, telling.score(row.score), promotion.mood(row))
            for row in figures.latest_answers(accounts=_accounts(request), limit=ANSWERS)
        ],
        "nps": figures.nps_of(account=account, since=timezone.now() - timedelta(days=NPS_DAYS)) if account else None,
        "nps_days": NPS_DAYS,
    }
    if reach_of(request).may(May.SEND_REQUESTS):
        messages = _rows(request, Message)
        page |= {
            "queue": ledger.queue(messages=messages),
            "unknown": ledger.count_unknown(messages=messages),
        }
    if reach_of(request).may(May.MANAGE_WEBHOOKS):
        page |= {"webhooks": webhooks.queue(deliveries=_rows(request, WebhookDelivery))}
    return page


def _rows(request: HttpRequest, model: Any) -> Any:
    return narrowed(request, admin.site.get_model_admin(model).get_queryset(request), "account")


def _count(items: Any, key: str, request: HttpRequest) -> int:
    return inbox.count(tab=inbox.BY_KEY[key], items=items, reader=request.user)  # type: ignore[arg-type]


def _accounts(request: HttpRequest) -> list[int] | None:
    """Whose answers; the chosen agency stands for its clients too."""
    chosen = chosen_account(request)
    mine = reach_of(request)
    if chosen is None:
        return None if mine.everything else mine.accounts(May.SEE_FEEDBACK)
    ids = reach.with_clients(account=chosen)
    return ids if mine.everything else [one for one in ids if mine.may(May.SEE_FEEDBACK, one)]
