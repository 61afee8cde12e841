"""Making one customer of two, in one transaction.

Locks are taken in the order of everybody else: addresses, persons, customers by number, what hangs on them. So a sender
who is deciding about one of them is done, or sees the merge.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from crm.domain.locks import address_locks, person_at_address
from crm.domain.merging import plan, relations
from crm.domain.merging.plan import PROPERTY, Choice
from crm.domain.merging.relations import Pair
from crm.models import Customer, Identity, Lookback, Suppression
from crm.models.merge import MergeRecord
from feedbackhub.errors import Invalid, NotFound, Refused

# More rows than a transaction should change while others wait for its locks.
MOST_ROWS = 20_000


def merge(
    *, account: Account, winner: Customer, loser: Customer, take: Collection[str] = (), actor: Actor
) -> MergeRecord:
    """`loser` becomes a tombstone that points to `winner`, who gets what hung on it.

    `take` names what is the loser's of the values that both have (plan.py). Refused beyond MOST_ROWS; NotFound when
    one of them is not a customer of the account any more.
    """
    if winner.pk == loser.pk:
        raise Invalid("Choose two different customers.", field="loser")
    with transaction.atomic(), acting(actor):
        winner, loser = locked(account, winner, loser)
        record = MergeRecord.objects.create(
            account=account, winner=winner, loser=loser, merged_by=actor.code, merged_by_name=actor.label[:200]
        )
        pair = Pair(winner, loser, record)
        for settler in relations.settlers():
            # Settled as they are told.
            list(settler(pair))
        chosen = plan.choices(winner, loser, take)
        _keep_known(pair, chosen)
        pair.change(loser, merged_into=winner.pk)
        _move(record)
        _bind(pair)
        _write(pair, chosen)
        look_back(winner)
    return record


def locked(account: Account, *pair: Customer) -> tuple[Customer, Customer]:
    """Both as they are now, until the transaction ends."""
    address_locks(account, [address for each in pair for address in (each.email, each.mobile_number)])
    for id in sorted(each.pk for each in pair):
        person_at_address(account.pk, id, "")
    rows = Customer.objects.for_account(account).alive().filter(pk__in=[each.pk for each in pair])
    found = {row.pk: row for row in rows.select_for_update(no_key=True, of=("self",)).order_by("pk")}
    if len(found) < len(pair):
        raise NotFound("One of the two is not a customer any more.")
    first, second = (found[each.pk] for each in pair)
    return first, second


def look_back(customer: Customer) -> None:
    """What is being stored for the tombstone just now is fetched a little later: `follow`."""
    Lookback.objects.update_or_create(customer=customer, defaults={"asked_at": timezone.now(), "looked_at": None})


def follow(customers: Sequence[int], at_most: int) -> int:
    """A linker of crm.domain.lookbacks: rows that were stored for a tombstone while it became one."""
    moved = 0
    for record in MergeRecord.objects.filter(winner__in=customers, undone_at=None).order_by("pk"):
        for relation in relations.all_of():
            left = at_most - moved
            if left > 0:
                with transaction.atomic():
                    moved += min(relations.move(record, relation, relation.late(record), at_most=left), left)
    return moved


def _move(record: MergeRecord) -> None:
    left = MOST_ROWS
    for relation in relations.all_of():
        rows = relation.moving(winner_id=record.winner_id, loser_id=record.loser_id)
        left -= relations.move(record, relation, rows, at_most=left)
        if left < 0:
            raise Refused(f"More than {MOST_ROWS:,} rows hang on this customer. Merge the other way round.")


def _keep_known(pair: Pair, chosen: list[Choice]) -> None:
    """An address that is not kept goes on telling who is meant."""
    record = pair.record
    for choice in chosen:
        if choice.name in ("email", "mobile_number") and choice.open and record is not None:
            address = choice.kept if choice.taken else choice.other
            identity, made = Identity.objects.get_or_create(
                account=record.account,
                kind=Identity.OWN,
                value=address.lower(),
                defaults={"customer": pair.winner},
            )
            if made:
                relations.note(record, identity, before=None, after={"customer_id": pair.winner.pk})


def _bind(pair: Pair) -> None:
    """A no that stood at an address of either binds the person, whichever address is kept: never a loosening."""
    winner, record = pair.winner, pair.record
    addresses = [one.lower() for each in (winner, pair.loser) for one in (each.email, each.mobile_number) if one]
    rows = Suppression.objects.for_account(winner.account_id).standing()
    # Those of the tombstone as well, which the winner had the like of.
    about = Q(address__in=addresses) | Q(customer=pair.loser)
    for row in rows.filter(about, reason__in=Suppression.CONSENT_REASONS).exclude(customer=winner).order_by("pk"):
        same = {"channel": row.channel, "reason": row.reason}
        if rows.filter(customer=winner, **same).exists() or record is None:
            continue
        made = Suppression.objects.create(
            account=record.account,
            customer=winner,
            source=row.source,
            evidence={"merge": record.pk, **row.evidence},
            **same,
        )
        relations.note(record, made, before=None, after={"lifted_at": None})


def _write(pair: Pair, chosen: list[Choice]) -> None:
    """The values that win."""
    winner, loser = pair.winner, pair.loser
    values: dict[str, Any] = {}
    for choice in chosen:
        if choice.name in plan.FIELDS and choice.result != choice.kept:
            values[choice.name] = choice.result.pk if choice.name == "company" else choice.result
    properties = {each.label: each.result for each in chosen if each.name.startswith(PROPERTY)}
    if properties != winner.properties:
        values["properties"] = properties
    for name in ("last_email_at", "last_sms_at"):
        both = [at for at in (getattr(winner, name), getattr(loser, name)) if at is not None]
        if both and max(both) != getattr(winner, name):
            values[name] = max(both)
    if values:
        pair.change(winner, **values)
        Customer.objects.filter(pk=winner.pk).update(updated_at=timezone.now())
