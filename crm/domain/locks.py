"""One lock per address, shared by everything that decides about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import connection

from accounts.models import Account
from feedbackhub.postgres.cursors import prepared


def address_lock(account: Account | int, address: str) -> None:
    """Wait for, and hold until the transaction ends, the right to decide about an e-mail or a number.

    The sender takes it before it looks for suppressions, a STOP before it writes one, an upsert before it looks for
    the customer: whoever commits first is seen by the other. Taken before any row lock.
    """
    address_locks(account, [address])


def person_at_address(account_id: int, customer_id: int, address: str) -> None:
    """The address's, then one that is held like it: who decides how often somebody is written to sees what the other
    channel decides at the same moment."""
    person = hashlib.sha256(f"person:{account_id}:{customer_id}".encode()).digest()
    keys = [*([_key(account_id, address)] if address else []), int.from_bytes(person[:8], "big", signed=True)]
    with prepared() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) WITH ORDINALITY one(key, at) ORDER BY at",
            [keys],
        )


def address_locks(account: Account | int, addresses: Iterable[str | None]) -> None:
    """Several at once, in one order for everybody, so that two callers never wait for each other."""
    account_id = account if isinstance(account, int) else account.pk
    keys = sorted({_key(account_id, address) for address in addresses if address})
    if not keys:
        return
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _key(account_id: int, address: str) -> int:
    digest = hashlib.sha256(f"address:{account_id}:{address.strip().lower()}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
