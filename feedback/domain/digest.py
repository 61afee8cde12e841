"""What a digest says: for every account that its reader may see, what is new, theirs, late, and how the scores are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from accounts.domain import digests, mails, roles
from accounts.domain.queries import reach
from accounts.domain.roles import May
from accounts.models import Account, AccountMail, DigestChoice, User
from feedback.domain.queries import metrics
from feedback.domain.queries.metrics import Figure, Window
from feedback.models import FeedbackItem

Status = FeedbackItem.Status
# An agency's owner reads of so many accounts, by name; the console has the others.
MOST_ACCOUNTS = 20
NEWEST = 3
SCORE_DAYS = 7


@dataclass(frozen=True)
class Line:
    """A score of the last seven days, and how it stands to the seven before."""

    title: str
    value: str
    n: int
    change: str


@dataclass(frozen=True)
class Part:
    """One account's: how many items came in, are the reader's, are late; the newest; the scores."""

    account: Account
    new: int
    mine: int
    overdue: int
    newest: list[FeedbackItem]
    scores: list[Line]

    @property
    def says_something(self) -> bool:
        return bool(self.new or self.mine or self.overdue or self.scores)


def of(*, user: User, since: datetime) -> list[Part]:
    """The parts that say something; [] when there is nothing to say."""
    held = reach.roles_of(user=user)
    seen = [account_id for account_id, role in held.items() if roles.allows(role, May.SEE_FEEDBACK)]
    accounts = reach.accounts_within(ids=seen, limit=MOST_ACCOUNTS) if user.is_active else []
    parts = [_part(account, user, since) for account in accounts]
    return [part for part in parts if part.says_something]


def _part(account: Account, user: User, since: datetime) -> Part:
    # Counted one by one, each along an index of its own: all of an account's items are not read for every reader.
    rows = FeedbackItem.objects.for_account(account)
    # What repeats another item is worked on in that one.
    roots = rows.filter(duplicate_of=None)
    fresh = roots.filter(created_at__gte=since).exclude(status=Status.SPAM)
    new = fresh.count()
    return Part(
        account=account,
        new=new,
        mine=roots.filter(assignee=user, closed_at=None).count(),
        overdue=rows.filter(sla_due_at__lt=timezone.now()).count(),
        newest=list(fresh.order_by("-created_at", "-pk")[:NEWEST]) if new else [],
        scores=_scores(account),
    )


def _scores(account: Account) -> list[Line]:
    today = metrics.today(account)
    window = Window(account, today - timedelta(days=SCORE_DAYS), today - timedelta(days=1), "week")
    return [_line(figure) for figure in metrics.figures(window=window) if figure.score.n]


def _line(figure: Figure) -> Line:
    unit, change = figure.metric.unit, figure.change
    value = {"points": "{:+.0f}", "percent": "{:.0f} %", "stars": "{:.2f}"}[unit].format(figure.score.value)
    if change is None:
        return Line(figure.metric.title, value, figure.score.n, "")
    said = f"{change.value:+.0f}, 95 %: {change.low:+.0f} to {change.high:+.0f}"
    verdict = "no clear change" if not change.changed else "up" if change.value > 0 else "down"
    return Line(figure.metric.title, value, figure.score.n, f"{verdict} ({said})")


# --- as a mail -------------------------------------------------------------------------------------------------------


def compose(mail: AccountMail) -> EmailMultiAlternatives:
    """Raises Obsolete when there is nothing to say, or nobody to say it to any more."""
    user, day = mail.user, mail.day
    choice = digests.choice_of(user) if user is not None else None
    if user is None or day is None or choice is None or choice.every == DigestChoice.Every.NEVER or not user.is_active:
        raise mails.Obsolete("Nobody wants it any more.")
    parts = of(user=user, since=digests.begin_of(choice, day))
    if not parts:
        raise mails.Obsolete("There is nothing to say.")
    context = context_of(user=user, parts=parts)
    message = mails.message("feedback/mail/digest", user.email, context, subject_of(parts, day))
    message.extra_headers = {
        "List-Unsubscribe": f"<{context['stop_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    return message


def subject_of(parts: list[Part], day: date) -> str:
    new, overdue = sum(part.new for part in parts), sum(part.overdue for part in parts)
    said = [f"{new} new item{'' if new == 1 else 's'}", *([f"{overdue} overdue"] if overdue else [])]
    return f"{', '.join(said)}: feedback on {day:%-d %B}"


def context_of(*, user: User, parts: list[Part]) -> dict[str, Any]:
    base = settings.BASE_URL
    return {
        "user": user,
        "parts": parts,
        "inbox_url": base + reverse("admin:feedback_feedbackitem_changelist"),
        "settings_url": base + reverse("admin:digest"),
        "stop_url": base + reverse("digest_stop", args=[digests.token_of(user)]),
    }
