"""A tenant within an account: who may write it now, being emptied, and its settings.

Whoever writes a tenant's rows holds its lock shared, whoever erases them holds it alone; both until their transaction
ends. Records that are stored take it in the table's trigger (feedback/models/triggers.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain.queries import records as queries
from feedback.domain.rules import erasing
from feedback.models import FeedbackRecord, RecordEmbedding, TenantPurge, TenantSettings, WebhookEndpoint, WebhookEvent
from feedback.models.triggers import TENANT_LOCK
from feedbackhub import hints
from feedbackhub.errors import Conflict, FieldProblem, Invalid
from feedbackhub.queues import COUNTED, Lag

BUSY = "tenant data is being changed by another request; retry later"
TOO_LARGE = "the tenant has too many records for one request; they are being erased in the background; retry later"
# How long a purge waits for writes that are under way.
WAIT_SECONDS = 5
# A purge deletes by many small statements; none of them may take this long.
STATEMENT_SECONDS = 60
BATCH = 1000
# Tenants that one transaction holds: each lock is an entry of a table that the server's transactions share, some ten
# thousand in all.
MOST_TENANTS = 100
# What a call erases itself while its caller waits: seconds' work, within one transaction.
MOST_AT_ONCE = 10_000
LEASE = timedelta(minutes=3)
KEPT = timedelta(days=30)

# The unique index decides between two who ask at once, and between one who asks and a purge that is just over.
_ASK = f"""
INSERT INTO {TenantPurge._meta.db_table} AS purge (account_id, tenant_id, requested_at, due_at, deleted)
VALUES (%(account)s, %(tenant)s, %(now)s, %(now)s, 0)
ON CONFLICT (account_id, tenant_id) WHERE finished_at IS NULL
DO UPDATE SET requested_at = greatest(purge.requested_at, excluded.requested_at)
"""  # noqa: S608 - a name of ours
_LOCK = TENANT_LOCK.format(account="%s", tenant="%s")
# Language, script, region, variants and extensions, as BCP 47 has them; not whether they exist.
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
SETTINGS = ("target_language", "sentiment_enabled", "emotions_enabled")
LONGEST_LOCALE = 35


class TenantBusy(Conflict):
    """Somebody is erasing the tenant, or writing it while it was to be erased. Nothing was changed; try again."""

    def __init__(self) -> None:
        super().__init__(BUSY)


class TenantTooLarge(TenantBusy):
    """There is more than one call may erase. It is being erased in the background: try again later."""

    def __init__(self) -> None:
        Conflict.__init__(self, TOO_LARGE)


@dataclass(frozen=True)
class Erased:
    """How many rows of each kind went."""

    records: int
    embeddings: int
    webhooks: int


# --- who may write ---------------------------------------------------------------------------------------------------


def hold(*, account: Account, tenant_id: str) -> None:
    """Keep the tenant from being erased until this transaction ends. Raises TenantBusy at once if it is."""
    if not tenant_id:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock_shared({_LOCK})", [account.pk, tenant_id])
        (held,) = cursor.fetchone()
    if not held:
        raise TenantBusy


@contextmanager
def refused_when_busy() -> Iterator[None]:
    """A record that the trigger refuses, because its tenant is being erased, is a TenantBusy."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise TenantBusy from error
        raise


def _seize(account: Account, tenant_id: str) -> None:
    """Be the only one who writes the tenant until this transaction ends. Raises TenantBusy after WAIT_SECONDS."""
    with refused_when_busy(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'; SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"
        )
        cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK})", [account.pk, tenant_id])


# --- erasing ---------------------------------------------------------------------------------------------------------


def erase(*, account: Account, tenant_id: str, actor: Actor) -> Erased:
    """Erase all that the tenant has: records, webhooks, settings; all or nothing, and nobody is told.

    Raises TenantBusy. Raises TenantTooLarge for more than MOST_AT_ONCE records: a purge of them is asked for, and
    whoever calls again when it is over erases the rest.
    """
    if queries.of_hub(account).filter(tenant_id=tenant_id)[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
        ask_for_purge(account=account, tenant_id=tenant_id, actor=actor)
        raise TenantTooLarge
    with transaction.atomic():
        _seize(account, tenant_id)
        mine = {"account": account, "tenant_id": tenant_id}
        # Before their deliveries, like whoever settles one.
        list(WebhookEndpoint.objects.select_for_update(no_key=True).filter(**mine).order_by("pk"))
        embeddings = RecordEmbedding.objects.filter(**mine).delete()[0]
        records = 0
        while gone := _erase_batch(account.pk, tenant_id):
            records += gone
        WebhookEvent.objects.filter(**mine).delete()
        _, per_model = WebhookEndpoint.objects.filter(**mine).delete()
        TenantSettings.objects.filter(**mine).delete()
    return Erased(records=records, embeddings=embeddings, webhooks=per_model.get(WebhookEndpoint._meta.label, 0))


def ask_for_purge(*, account: Account, tenant_id: str, actor: Actor) -> TenantPurge:
    """Have the records that are there now erased soon; a purge that is not over yet goes on until now."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, {"account": account.pk, "tenant": tenant_id, "now": timezone.now()})
    transaction.on_commit(lambda: hints.send("feedback.purge_tenants"))
    return TenantPurge.objects.filter(account=account, tenant_id=tenant_id).latest("id")


def purge_due() -> int:
    """Work off one purge, batch by batch, each its own commit; how many records went.

    A worker that dies loses a batch at most: another goes on where it stopped, once the lease is over.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = TenantPurge.objects.filter(finished_at=None, due_at__lte=now)
        purge = waiting.select_for_update(skip_locked=True).order_by("due_at", "id").first()
        if purge is None:
            return 0
        purge.due_at = now + LEASE
        purge.save(update_fields=["due_at"])
    end, total = now + LEASE / 3, 0
    while gone := _erase_batch(purge.account_id, purge.tenant_id, created_at__lte=purge.requested_at):
        total += gone
        purge.deleted += gone
        purge.save(update_fields=["deleted"])
        if timezone.now() > end:
            # Others wait too; this one goes on with the next look.
            TenantPurge.objects.filter(pk=purge.pk).update(due_at=timezone.now())
            return total
    mine = TenantPurge.objects.filter(pk=purge.pk)
    if not mine.filter(requested_at=purge.requested_at).update(finished_at=timezone.now()):
        # Asked for again meanwhile: what came in between is still to go.
        mine.update(due_at=timezone.now())
    return total


def forget_old_purges() -> int:
    return TenantPurge.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()[0]


def purge_lag() -> Lag:
    """How far the purges are behind."""
    now = timezone.now()
    due = TenantPurge.objects.filter(finished_at=None, due_at__lte=now)
    first = due.order_by("due_at").values_list("due_at", flat=True).first()
    return Lag(due[:COUNTED].count(), (now - first).total_seconds() if first else 0.0)


def _erase_batch(account_id: int, tenant_id: str, **more: Any) -> int:
    rows = queries.of_hub(account_id).filter(tenant_id=tenant_id, **more)
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    erase_records(ids=ids)
    return len(ids)


def erase_records(*, ids: list[UUID]) -> list[UUID]:
    """A batch of records, what hangs on them, and what the log of webhooks says of them, told or not.

    Returns those that were still there. Whoever erases the same ones locks them in the same order: nobody deadlocks.
    """
    with transaction.atomic():
        rows = FeedbackRecord.objects.filter(pk__in=ids)
        there = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
        WebhookEvent.objects.filter(subject_id__in=ids).delete()
        erasing.forget(records=there)
        # Through the models, so that what hangs on a record goes with it.
        rows.only("pk").delete()
    return there


# --- settings --------------------------------------------------------------------------------------------------------


def settings_of(*, account: Account, tenant_id: str) -> dict[str, Any]:
    """What the tenant said; {} for one that never did."""
    row = TenantSettings.objects.filter(account=account, tenant_id=tenant_id).first()
    return dict(row.settings) if row else {}


def replace_settings(*, account: Account, tenant_id: str, settings: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Exactly these from now on; null is as good as absent. Raises Invalid, and TenantBusy."""
    return _write(account, tenant_id, {}, settings)


def merge_settings(*, account: Account, tenant_id: str, changes: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A value sets a member, null removes it, an absent one stays. Raises Invalid, and TenantBusy."""
    return _write(account, tenant_id, None, changes)


def _write(account: Account, tenant_id: str, base: dict[str, Any] | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    checked = _checked(changes)
    with transaction.atomic():
        hold(account=account, tenant_id=tenant_id)
        TenantSettings.objects.bulk_create(
            [TenantSettings(account=account, tenant_id=tenant_id)], ignore_conflicts=True
        )
        # Two who change at once: the second waits here and builds on the first.
        row = TenantSettings.objects.select_for_update().get(account=account, tenant_id=tenant_id)
        merged = {**(row.settings if base is None else base), **checked}
        row.settings = {name: merged[name] for name in SETTINGS if merged.get(name) is not None}
        row.save(update_fields=["settings", "updated_at"])
    return dict(row.settings)


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    problems = [
        FieldProblem(name[:64], "is not a recognized request field") for name in changes if name not in SETTINGS
    ]
    checked: dict[str, Any] = {}
    for name in SETTINGS:
        value = changes.get(name)
        if name not in changes or value is None:
            checked |= {name: None} if name in changes else {}
        elif name == "target_language":
            checked[name], reason = _locale(value)
            problems += [FieldProblem(name, reason)] if reason else []
        elif isinstance(value, bool):
            checked[name] = value
        else:
            problems.append(FieldProblem(name, "must be bool"))
    if problems:
        raise Invalid.many(problems)
    return checked


def _locale(value: Any) -> tuple[str, str]:
    """A BCP 47 tag in its usual case (`en-us` is `en-US`), and what is wrong with it."""
    if not isinstance(value, str):
        return "", "must be string"
    if len(value) > LONGEST_LOCALE:
        return "", f"must be at most {LONGEST_LOCALE}"
    if not _LOCALE.fullmatch(value):
        return "", "must be a BCP-47 locale such as en-US; send null to remove it"
    language, *rest = value.split("-")
    return "-".join([language.lower(), *map(_subtag, rest)]), ""


def _subtag(text: str) -> str:
    if len(text) == 2:
        return text.upper()
    return text.title() if len(text) == 4 and text.isalpha() else text.lower()
