"""Whose answer it is: from an id or address the sender gave to a customer of the hub."""

from __future__ import annotations

from django.db import connection

from accounts.models import Account

# An expression, so that storing an answer can look its person up in the same round trip. A known id wins over an
# address; someone merged leads to the row that stayed. Its parameters come from `parameters`.
CUSTOMER_SQL = """COALESCE(
    (SELECT COALESCE(person.merged_into_id, person.id)
       FROM crm_identity JOIN crm_customer person ON person.id = crm_identity.customer_id
      WHERE crm_identity.account_id = %s AND crm_identity.kind = %s AND crm_identity.value = %s),
    (SELECT id FROM crm_customer
      WHERE account_id = %s AND LOWER(email) = %s AND merged_into_id IS NULL AND deleted_at IS NULL)
)"""


def parameters(*, account: Account, kind: str, value: str, email: str = "") -> list[int | str | None]:
    """`kind` says whose id `value` is (crm.models.Identity); many senders use the address as the id."""
    address = email or (value if "@" in value else "")
    return [account.pk, kind, value, account.pk, address.strip().lower() or None]


def customer_id(*, account: Account, kind: str, value: str, email: str = "") -> int | None:
    """The customer known under this id, else the one with this address, else None."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CUSTOMER_SQL}", parameters(account=account, kind=kind, value=value, email=email))
        row: tuple[int | None] = cursor.fetchone()
    return row[0]
