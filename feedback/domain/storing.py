"""One record that came by itself, stored by one statement; those that come at once share it, and its commit.

Written by hand because this is the hot path: the ORM's INSERT would need another query for the person, and a savepoint
to survive a duplicate. Why records share, and why no caller notices: docs/adr/0015-calls-that-come-at-once-share.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import connection

from crm.domain import identities
from feedback.domain.tenants import refused_when_busy
from feedback.models import FeedbackRecord
from feedbackhub.errors import Conflict
from feedbackhub.postgres.cursors import prepared
from feedbackhub.sharing import Sharing

log = structlog.get_logger(__name__)

DUPLICATE = "a feedback record with this tenant_id, submission_id, and field_id already exists"
# So many records share a statement at most: more threads than serve calls in one web process.
MOST = 64
# One that has to wait for another transaction must not hold its companions up: after this long all of them go alone.
PATIENCE_MS = 200

_TABLE = FeedbackRecord._meta.db_table
# The customer is an expression and comes last.
_COLUMNS = [field.attname for field in FeedbackRecord._meta.concrete_fields if field.attname != "customer_id"]
_values_of = attrgetter(*_COLUMNS)
_JSON = [_COLUMNS.index(name) for name in ("metadata", "raw")]
# Names of our own columns only; every value is a parameter.
_INSERT = f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}, customer_id)"
_UNLESS_THERE = "ON CONFLICT ON CONSTRAINT record_once DO NOTHING RETURNING id, customer_id"
_VALUES = ", ".join(["%s"] * len(_COLUMNS))
_PERSON_GIVEN = f"{_INSERT} VALUES ({_VALUES}, %s) {_UNLESS_THERE}"
_PERSON_SOUGHT = f"{_INSERT} VALUES ({_VALUES}, {identities.CUSTOMER_SQL}) {_UNLESS_THERE}"
_SENDER = identities.customer_sql(
    account="r.account_id",
    kind="r.contract || ':user_id'",
    value="r.user_id",
    public_id="r.user_id",
    email="CASE WHEN r.user_id LIKE '%%@%%' THEN lower(r.user_id) END",
    mobile="CASE WHEN r.user_id LIKE '+%%' THEN r.user_id END",
)
# All values in one parameter: binding thirty for each record takes longer than reading them from JSON.
_TOGETHER = f"""
WITH impatient AS MATERIALIZED (SELECT set_config('lock_timeout', '{PATIENCE_MS}', true))
{_INSERT}
SELECT {", ".join(f"r.{name}" for name in _COLUMNS)},
  COALESCE(r.customer_id, CASE WHEN r.user_id IS NOT NULL THEN {_SENDER} END)
FROM impatient, json_populate_recordset(NULL::{_TABLE}, %s::json) r
{_UNLESS_THERE}
"""  # noqa: S608

# Two statements with the same answers wait for each other in one order, and for batches in the same: nobody deadlocks.
_order = attrgetter("account_id", "contract", "tenant_id", "submission_id", "field_id")


class _GoAloneError(Exception):
    """What was shared came to nothing, and the database knows it: each may try for itself."""


def store(record: FeedbackRecord) -> None:
    """Store a record and commit it, or add it to the transaction that is under way; its person is looked up inside.

    Raises Conflict for a duplicate, and TenantBusy while its tenant is being erased.
    """
    if connection.in_atomic_block:
        # What the caller does besides is in this transaction too.
        record.customer_id = _alone(record)
        return
    try:
        record.customer_id = _shared.get(record)
    except _GoAloneError:
        record.customer_id = _alone(record)


def _alone(record: FeedbackRecord) -> int | None:
    values: list[Any] = list(_values_of(record))
    for index in _JSON:
        values[index] = as_json(values[index])
    statement, of_person = _PERSON_GIVEN, list[int | str | None]([record.customer_id])
    if record.customer_id is None and record.user_id:
        statement = _PERSON_SOUGHT
        kind = identities.kind_of(record.contract)
        of_person = identities.parameters(account_id=record.account_id, kind=kind, value=record.user_id)
    with refused_when_busy(), prepared() as cursor:
        cursor.execute(statement, [*values, *of_person])
        stored: tuple[UUID, int | None] | None = cursor.fetchone()
    if stored is None:
        raise Conflict(DUPLICATE)
    return stored[1]


def _together(records: Sequence[FeedbackRecord]) -> Sequence[int | Exception | None]:
    """The customers of those that were stored; a Conflict for a duplicate."""
    if len(records) == 1:
        return [_alone(records[0])]
    try:
        with prepared() as cursor:
            cursor.execute(_TOGETHER, [_encoded(sorted(records, key=_order))])
            stored: dict[UUID, int | None] = dict(cursor.fetchall())
    except Exception as error:
        if connection.connection is None or connection.connection.closed:
            # It may have been committed before the server went: nobody may send it again as new.
            raise
        log.info("storing.shared_in_vain", records=len(records), error=type(error).__name__)
        raise _GoAloneError from error
    return [stored[record.pk] if record.pk in stored else Conflict(DUPLICATE) for record in records]


_shared: Sharing[FeedbackRecord, int | None] = Sharing(_together, most=MOST)


def _encoded(records: Sequence[FeedbackRecord]) -> str:
    rows = [dict(zip(_COLUMNS, _values_of(record), strict=True), customer_id=record.customer_id) for record in records]
    return _json(rows).decode()


def as_json(value: Any) -> str | None:
    """For a column of JSON; None is no value."""
    return None if value is None else _json(value).decode()


def _json(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except OverflowError:
        # msgspec stops at 64 bits; what a sender gave may have 19 digits and a sign.
        return json.dumps(msgspec.to_builtins(value)).encode()
