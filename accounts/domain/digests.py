"""Digests: who gets one when. What one says is the business of the app that registered its words with mails.compose.

The mail of a day is a row, once by the constraint `digest_once_a_day`, however often and wherever the tick runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.domain import mails
from accounts.models import AccountMail, DigestChoice, User
from accounts.models.account import check_time_zone
from feedbackhub.errors import FieldProblem, Invalid, NotFound

Every = DigestChoice.Every
AT = time(8)
MONDAY, SATURDAY = 0, 5
SALT = "digest"
BATCH = 500


def choice_of(user: User) -> DigestChoice:
    """What the person chose; one that is not stored if they never did."""
    return DigestChoice.objects.filter(user=user).first() or DigestChoice(user=user)


def choose(*, user: User, every: str, time_zone: str) -> DigestChoice:
    """Raises Invalid."""
    problems = []
    if every not in Every.values:
        problems.append(FieldProblem("every", f"Known are {', '.join(Every.values)}."))
    try:
        check_time_zone(time_zone)
    except ValidationError as error:
        problems.append(FieldProblem("time_zone", " ".join(error.messages)))
    if problems:
        raise Invalid.many(problems)
    return DigestChoice.objects.update_or_create(user=user, defaults={"every": every, "time_zone": time_zone})[0]


def token_of(user: User) -> str:
    """What the link in a mail ends digests with; it can do nothing else."""
    return signing.dumps(user.public_id, salt=SALT)


def user_by_token(token: str) -> User:
    """Raises NotFound."""
    try:
        public_id = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotFound("This link does not work.") from None
    user = User.objects.filter(public_id=public_id).first()
    if user is None:
        raise NotFound("This link does not work.")
    return user


def end(*, user: User) -> None:
    """No more digests, from now on."""
    DigestChoice.objects.filter(user=user).exclude(every=Every.NEVER).update(every=Every.NEVER)


def plan(*, now: datetime | None = None) -> int:
    """Put down the mails of everybody whose eight o'clock has come today; how many."""
    now, planned = now or timezone.now(), 0
    wanted = DigestChoice.objects.exclude(every=Every.NEVER).filter(user__is_active=True).select_related("user")
    for choices in _batches(_due(wanted, now)):
        rows = [
            AccountMail(
                kind=AccountMail.Kind.DIGEST, email=choice.user.email, user=choice.user, day=day, next_try_at=now
            )
            for choice, day in choices
        ]
        before = AccountMail.objects.filter(kind=AccountMail.Kind.DIGEST, day__in={row.day for row in rows})
        there = set(before.filter(user__in=[row.user for row in rows]).values_list("user_id", "day"))
        missing = [row for row in rows if (row.user_id, row.day) not in there]
        AccountMail.objects.bulk_create(missing, ignore_conflicts=True)
        planned += len(missing)
    if planned:
        mails.wake()
    return planned


def _batches(due: Iterable[tuple[DigestChoice, date]]) -> Iterator[list[tuple[DigestChoice, date]]]:
    rest = iter(due)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _due(wanted: QuerySet[DigestChoice], now: datetime) -> Iterable[tuple[DigestChoice, date]]:
    for choice in wanted.order_by("pk").iterator(chunk_size=BATCH):
        local = now.astimezone(ZoneInfo(choice.time_zone))
        day = local.weekday()
        if local.time() >= AT and (day == MONDAY if choice.every == Every.WEEK else day < SATURDAY):
            yield choice, local.date()


def begin_of(choice: DigestChoice, day: date) -> datetime:
    """From when on the digest of a day tells: eight o'clock of the day of the one before."""
    back = 7 if choice.every == Every.WEEK else 3 if day.weekday() == MONDAY else 1
    return datetime.combine(day - timedelta(days=back), AT, ZoneInfo(choice.time_zone))
