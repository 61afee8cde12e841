"""Linking what was said before its sender was known: records, thumbs and items. The rule is crm.domain.identities'."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from crm.domain import identities
from crm.models import Customer, Identity
from feedback.models import FeedbackItem, FeedbackRecord

_RECORDS = FeedbackRecord._meta.db_table
_THUMB_EMAIL = "lower(r.raw #>> '{userProperties,email}')"

# Names under which the customers are known, each as the rule takes it: an id of a kind, or an address.
_NAMES = f"""
WITH person AS (
    SELECT id, account_id, public_id, lower(email) AS email, mobile_number FROM {Customer._meta.db_table}
     WHERE id = ANY(%s) AND merged_into_id IS NULL AND deleted_at IS NULL
), named (account_id, kind, value) AS (
    SELECT person.account_id, known.kind, known.value FROM person
      JOIN {Identity._meta.db_table} known ON known.customer_id = person.id
    UNION ALL SELECT account_id, '{Identity.OWN}', public_id FROM person
    UNION ALL SELECT account_id, 'email', email FROM person WHERE email IS NOT NULL
    UNION ALL SELECT account_id, '{Identity.OWN}', mobile_number FROM person WHERE mobile_number IS NOT NULL
)"""  # noqa: S608

# Found by a name, decided by the rule: of two who are known under it, the one that a new record would be linked to.
# Each half stops by itself at as many as may be linked: UNION alone reads all of somebody's millions for each step.
_LINK_RECORDS = f"""{_NAMES}, found AS (
    (SELECT r.id FROM (SELECT DISTINCT account_id, lower(value) AS value FROM named) each JOIN {_RECORDS} r
        ON r.account_id = each.account_id AND r.customer_id IS NULL AND r.user_id IS NOT NULL
       AND lower(r.user_id) = each.value
     WHERE EXISTS (SELECT 1 FROM named WHERE named.account_id = r.account_id AND (
        named.kind = 'email' AND lower(named.value) = each.value
        OR r.user_id = named.value AND named.kind IN (r.contract || ':user_id', '{Identity.OWN}')))
     LIMIT %s)
    UNION (SELECT r.id FROM (SELECT DISTINCT account_id, value FROM named WHERE kind = 'email') each JOIN {_RECORDS} r
        ON r.account_id = each.account_id AND r.customer_id IS NULL AND left({_THUMB_EMAIL}, 254) = each.value
     WHERE r.contract = 'inkeep'
     LIMIT %s)
    LIMIT %s
), meant AS (
    SELECT r.id, {
    identities.customer_sql(
        account="r.account_id",
        kind="r.contract || ':user_id'",
        value="r.user_id",
        public_id="r.user_id",
        email=f"COALESCE(CASE WHEN r.contract = 'inkeep' THEN NULLIF({_THUMB_EMAIL}, '') END, lower(r.user_id))",
        mobile="r.user_id",
    )
} AS customer_id FROM found JOIN {_RECORDS} r ON r.id = found.id
)
UPDATE {_RECORDS} r SET customer_id = meant.customer_id FROM meant
 WHERE r.id = meant.id AND r.customer_id IS NULL AND meant.customer_id IS NOT NULL"""  # noqa: S608

_LINK_ITEMS = f"""{_NAMES}, found AS (
    SELECT i.id, person.id AS customer_id FROM person JOIN {FeedbackItem._meta.db_table} i
        ON i.account_id = person.account_id AND i.customer_id IS NULL AND lower(i.user_email_snapshot) = person.email
     LIMIT %s
)
UPDATE {FeedbackItem._meta.db_table} i SET customer_id = found.customer_id FROM found
 WHERE i.id = found.id AND i.customer_id IS NULL"""  # noqa: S608


def link_records(customers: Sequence[int], at_most: int) -> int:
    """How many records and thumbs became these customers'. Their `updated_at` stays: nothing that was said changed."""
    return _linked(_LINK_RECORDS, customers, at_most, at_most, at_most)


def link_items(customers: Sequence[int], at_most: int) -> int:
    """How many items became these customers'."""
    return _linked(_LINK_ITEMS, customers, at_most)


def _linked(statement: str, customers: Sequence[int], *at_most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(customers), *at_most])
        linked: int = cursor.rowcount
    return linked
