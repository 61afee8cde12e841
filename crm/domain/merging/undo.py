"""Taking a merge back, for a month: what it moved goes back where nobody has changed it since."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.domain.actors import Actor, acting
from crm.domain.locks import address_locks, person_at_address
from crm.domain.merging.merge import look_back
from crm.models import Customer, Suppression
from crm.models.merge import MergedRow, MergeRecord
from feedbackhub.errors import Conflict, Refused

UNDOABLE_FOR = timedelta(days=30)
# Longer than an undoing that began in the last minute may take.
LEEWAY = timedelta(hours=1)
CHUNK = 2_000


def is_open(record: MergeRecord) -> bool:
    return record.undone_at is None and timezone.now() < record.merged_at + UNDOABLE_FOR


def undo(*, record: MergeRecord, actor: Actor) -> int:
    """Both are customers again; how many rows went back.

    Refused after a month, while the one who stayed is merged away itself, and when an address of theirs belongs to
    somebody new.
    """
    if not is_open(record):
        raise Refused(f"A merge can be undone for {UNDOABLE_FOR.days} days, and once.")
    with transaction.atomic(), acting(actor):
        pair = [record.winner, record.loser]
        before = _first_values(record)
        theirs = [address for each in pair for address in (each.email, each.mobile_number)]
        wanted = [*theirs, before.get("email"), before.get("mobile_number")]
        address_locks(record.account, wanted)
        for id in sorted(each.pk for each in pair):
            person_at_address(record.account_id, id, "")
        list(
            Customer.objects.filter(pk__in=[each.pk for each in pair])
            .select_for_update(no_key=True, of=("self",))
            .order_by("pk")
        )
        record = MergeRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
        if record.undone_at is not None:
            raise Conflict("This was undone already.")
        _require_free(record, wanted)
        back = _back(record)
        _share_new_refusals(record)
        record.undone_at, record.undone_by = timezone.now(), actor.code
        record.save(update_fields=["undone_at", "undone_by"])
        look_back(record.loser)
    return back


def forget_old(*, at_most: int = 10_000) -> int:
    """Delete what undoing would need, addresses and names among it, once it cannot be asked for any more; how many
    rows. That two were merged, when and by whom stays."""
    over = MergedRow.objects.filter(merge__merged_at__lt=timezone.now() - UNDOABLE_FOR - LEEWAY)
    ids = list(over.order_by("pk").values_list("pk", flat=True)[:at_most])
    return MergedRow.objects.filter(pk__in=ids).delete()[0]


def _first_values(record: MergeRecord) -> dict[str, Any]:
    row = record.rows.filter(model="crm.customer", row=str(record.winner_id)).order_by("pk").first()
    return (row.before if row else None) or {}


def _require_free(record: MergeRecord, addresses: list[str | None]) -> None:
    pair = (record.winner_id, record.loser_id)
    if Customer.objects.filter(pk=record.winner_id).exclude(merged_into=None).exists():
        raise Refused("The customer who stayed was merged into another since. Undo that first.")
    given = [address.lower() for address in addresses if address]
    rows = Customer.objects.for_account(record.account_id).filter(merged_into=None).alias(address=Lower("email"))
    owner = rows.filter(Q(address__in=given) | Q(mobile_number__in=given)).exclude(pk__in=pair).first()
    if owner is not None:
        raise Refused(f"An address of theirs belongs to {owner} ({owner.public_id}) now. Change that one first.")


def _back(record: MergeRecord) -> int:
    """The two themselves first, so that each may have their own again; then what moved; then what else was settled."""
    people, moved, settled = [], defaultdict(list), []
    for row in record.rows.order_by("-pk").iterator(chunk_size=CHUNK):
        if row.model == Customer._meta.label_lower:
            people.append(row)
        elif row.before is not None and set(row.after) == {"customer_id"}:
            moved[row.model].append(row.row)
        else:
            settled.append(row)
    back = sum(map(_column_by_column, people))
    for model, ids in moved.items():
        for start in range(0, len(ids), CHUNK):
            rows = apps.get_model(model)._base_manager.filter(pk__in=ids[start : start + CHUNK])
            back += rows.filter(customer=record.winner_id).update(customer=record.loser_id)
    return back + sum(map(_whole, settled))


def _column_by_column(row: MergedRow) -> int:
    """Each for itself: a name that was corrected since does not keep the rest."""
    mine = Customer.objects.filter(pk=row.row)
    columns = (row.before or {}).items()
    return max((mine.filter(**{name: row.after[name]}).update(**{name: was}) for name, was in columns), default=0)


def _whole(row: MergedRow) -> int:
    if row.before is None:
        return _unmake(row)
    rows: Any = apps.get_model(row.model)._base_manager.filter(pk=row.row, **row.after)
    changed: int = rows.update(**row.before)
    return changed


def _unmake(row: MergedRow) -> int:
    """What the merge made: an id is taken away, a refusal is lifted and stays as history."""
    rows: Any = apps.get_model(row.model)._base_manager.filter(pk=row.row)
    if row.model == "crm.suppression":
        lifted: int = rows.filter(lifted_at=None).update(
            lifted_at=timezone.now(), lift_evidence={"merge undone": row.merge_id}
        )
        return lifted
    deleted: int = rows.filter(**row.after).delete()[0]
    return deleted


def _share_new_refusals(record: MergeRecord) -> None:
    """A no that was said while the two were one is a no of both."""
    rows = Suppression.objects.for_account(record.account_id).standing()
    known = {int(id) for id in record.rows.filter(model="crm.suppression").values_list("row", flat=True)}
    said = rows.filter(customer=record.winner_id, reason__in=Suppression.CONSENT_REASONS)
    for row in said.filter(created_at__gt=record.merged_at).exclude(pk__in=known):
        same = {"channel": row.channel, "reason": row.reason}
        if not rows.filter(customer=record.loser_id, **same).exists():
            Suppression.objects.create(
                account_id=record.account_id,
                customer_id=record.loser_id,
                source=row.source,
                evidence={"merge": record.pk, **row.evidence},
                **same,
            )
