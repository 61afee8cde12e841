"""Many typed answers at once, with one transaction and a few statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from msgspec import Struct
from psycopg.errors import UniqueViolation

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import identities
from feedback.domain import tenants
from feedback.domain.records import RecordDraft
from feedback.domain.storing import as_json
from feedback.domain.tenants import MOST_TENANTS
from feedback.models import FeedbackRecord
from feedbackhub.errors import Invalid
from feedbackhub.ids import uuid7
from feedbackhub.postgres.cursors import prepared

Key = tuple[str, str, str]

_TABLE = FeedbackRecord._meta.db_table
_DRAFTED = tuple(name for name in RecordDraft.__struct_fields__ if name not in ("metadata", "raw", "collected_at"))
_drafted = attrgetter(*_DRAFTED)
# So many rows may take longer than a page may. The table goes with the connection; its rows with the transaction.
_STAGE = f"""
SET LOCAL statement_timeout = '30s';
CREATE TEMPORARY TABLE IF NOT EXISTS staged_record (LIKE {_TABLE}) ON COMMIT DELETE ROWS;
DELETE FROM staged_record;
"""  # noqa: S608 - names of our own only
_SENDERS = "SELECT DISTINCT user_id FROM staged_record WHERE user_id IS NOT NULL AND customer_id IS NULL"
_CUSTOMER = identities.customer_sql(
    account="%(account)s",
    kind="%(kind)s",
    value="sender.user_id",
    public_id="sender.user_id",
    email="CASE WHEN sender.user_id LIKE '%%@%%' THEN lower(sender.user_id) END",
    mobile="sender.user_id",
)
_PEOPLE = f"SELECT user_id, {_CUSTOMER} FROM unnest(%(names)s::text[]) AS sender (user_id)"  # noqa: S608
_STORED = f"""
SELECT tenant_id, submission_id, field_id, id FROM {_TABLE}
 WHERE account_id = %s AND contract = %s
   AND (tenant_id, submission_id, field_id) IN (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]))
"""  # noqa: S608 - names of our own columns only


class Stored(Struct, frozen=True, gc=False):
    """What became of a draft: its own row, or the row that had its tenant, submission and field before it."""

    id: UUID
    created: bool


def create(*, account: Account, drafts: Sequence[RecordDraft], actor: Actor) -> list[Stored]:
    """Store answers of one contract, in the order of `drafts`; a duplicate stores nothing and hurts no other.

    All or none; raises TenantBusy while a tenant of theirs is being erased, and Invalid for more than MOST_TENANTS. By
    COPY, in the hope that none is a duplicate. COPY cannot skip those: it stops at the first of them, and then all are
    copied into a table of the connection's own, which takes anything, and go on from there by one INSERT.
    """
    if len({draft.tenant_id for draft in drafts}) > MOST_TENANTS:
        raise Invalid(f"must not be more than {MOST_TENANTS} different ones in a batch", field="tenant_id")
    firsts: dict[Key, RecordDraft] = {}
    for draft in drafts:
        firsts.setdefault(_key(draft), draft)
    if not firsts:
        return []
    # Sorted, so that two batches with the same answers wait for each other and do not deadlock.
    keys = sorted(firsts)
    ids = {key: uuid7() for key in keys}
    with tenants.refused_when_busy(), transaction.atomic():
        rows = [(ids[key], firsts[key]) for key in keys]
        created = set(ids.values()) if _copied(account, rows) else _insert(account, rows)
        if missing := [key for key in keys if ids[key] not in created]:
            ids |= _stored(account, drafts[0].contract, missing)
    outcomes = []
    for draft in drafts:
        key = _key(draft)
        outcomes.append(Stored(ids[key], ids[key] in created and firsts[key] is draft))
    return outcomes


_key = attrgetter("tenant_id", "submission_id", "field_id")


def _copied(account: Account, drafts: Sequence[tuple[UUID, RecordDraft]]) -> bool:
    """Whether all of them are stored; none is if one of them is there already."""
    columns = _columns(account, drafts)
    columns["customer_id"] = _customers(account, [draft for _, draft in drafts])
    try:
        with transaction.atomic(), prepared() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30s'")
            _copy(cursor, _TABLE, columns)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            return False
        raise
    return True


def _customers(account: Account, drafts: Sequence[RecordDraft]) -> list[int | None]:
    """Whose each of them is, by one statement for those that do not say."""
    names = {draft.user_id for draft in drafts if draft.customer_id is None and draft.user_id}
    found: dict[str | None, int | None] = {}
    if names:
        with prepared() as cursor:
            kind = identities.kind_of(drafts[0].contract)
            cursor.execute(_PEOPLE, {"account": account.pk, "kind": kind, "names": list(names)})
            found = dict(cursor.fetchall())
    return [draft.customer_id or found.get(draft.user_id) for draft in drafts]


def _copy(cursor: CursorWrapper, table: str, columns: dict[str, Sequence[Any]]) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in zip(*columns.values(), strict=True):
            copy.write_row(row)


def _insert(account: Account, drafts: Sequence[tuple[UUID, RecordDraft]]) -> set[UUID]:
    """The ids of those that were stored."""
    columns = _columns(account, drafts)
    listed = ", ".join(columns)
    chosen = ", ".join("COALESCE(s.customer_id, p.customer_id)" if c == "customer_id" else f"s.{c}" for c in columns)
    insert = f"""
        WITH p AS MATERIALIZED (SELECT user_id, {_CUSTOMER} AS customer_id FROM ({_SENDERS}) sender)
        INSERT INTO {_TABLE} ({listed})
        SELECT {chosen} FROM staged_record s LEFT JOIN p ON p.user_id = s.user_id
        ON CONFLICT ON CONSTRAINT record_once DO NOTHING RETURNING id
    """  # noqa: S608 - names of our own columns only
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
    with prepared() as cursor:
        _copy(cursor, "staged_record", columns)
        cursor.execute(insert, {"account": account.pk, "kind": identities.kind_of(drafts[0][1].contract)})
        return {id for (id,) in cursor.fetchall()}


def _columns(account: Account, drafts: Sequence[tuple[UUID, RecordDraft]]) -> dict[str, Sequence[Any]]:
    """The values by column, without the columns that no draft fills, which are most."""
    now, many = timezone.now(), len(drafts)
    given = dict(zip(_DRAFTED, zip(*(_drafted(draft) for _, draft in drafts), strict=True), strict=True))
    columns: dict[str, Sequence[Any]] = {
        **given,
        "metadata": [as_json(draft.metadata) for _, draft in drafts],
        "raw": [as_json(draft.raw) for _, draft in drafts],
        "collected_at": [draft.collected_at or now for _, draft in drafts],
    }
    columns = {name: values for name, values in columns.items() if values.count(None) < many}
    made: dict[str, Sequence[Any]] = {"id": [id for id, _ in drafts], "account_id": [account.pk] * many}
    # In any case: the INSERT fills it with the person of the user_id.
    made["customer_id"] = given["customer_id"]
    return {**columns, **made, "created_at": [now] * many, "updated_at": [now] * many}


def _stored(account: Account, contract: str, keys: Sequence[Key]) -> dict[Key, UUID]:
    with prepared() as cursor:
        cursor.execute(_STORED, [account.pk, contract, *(list(column) for column in zip(*keys, strict=True))])
        return {(tenant, submission, field): id for tenant, submission, field, id in cursor.fetchall()}
