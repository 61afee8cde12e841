"""Do-not-contact rows: written, lifted and asked for here only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from crm.domain.locks import address_lock
from crm.models import Customer, Suppression
from crm.signals import suppression_added
from feedbackhub.errors import Invalid, Refused
from feedbackhub.postgres.compiled import Compiled

Channel = Suppression.Channel
Reason = Suppression.Reason
Source = Suppression.Source

THEIR_OWN_WORD = "This customer opted out themselves (STOP, unsubscribe or complaint). Only they can undo that."
# Whose word a caller may take back: nobody's but a caller's. Staff may also take back staff's.
_MAY_UNDO = {
    "key": {Source.CALLER},
    "user": {Source.CALLER, Source.STAFF},
}


@transaction.atomic
def suppress(
    *,
    account: Account,
    channel: str,
    reason: str,
    source: str,
    address: str = "",
    customer: Customer | None = None,
    evidence: dict[str, Any] | None = None,
) -> Suppression:
    """Stop everything on a channel ("all" for every one) to an address, a customer, or both; twice is once.

    With an address it waits for a sender who is deciding about it, so call it before locking any row. Without one it
    takes the customer's row alone, which whoever changes a customer holds already.
    """
    address = address.strip().lower()
    address_lock(account, address)
    _hold(customer.pk if customer else None)
    row, fresh = _add(account, channel, reason, source, address, customer, evidence)
    if address and customer and row.customer_id != customer.pk:
        # The address had another owner when it was suppressed: bind this person too, wherever they move.
        row, fresh = _add(account, channel, reason, source, "", customer, evidence)
    if fresh:
        suppression_added.send(sender=Suppression, suppression=row)
    return row


def _add(
    account: Account,
    channel: str,
    reason: str,
    source: str,
    address: str,
    customer: Customer | None,
    evidence: dict[str, Any] | None,
) -> tuple[Suppression, bool]:
    about: dict[str, Any] = {"address": address} if address else {"address": "", "customer": customer}
    defaults: dict[str, Any] = {"source": source, "evidence": evidence or {}}
    if address:
        defaults["customer"] = customer
    return Suppression.objects.get_or_create(
        account=account, channel=channel, reason=reason, lifted_at=None, **about, defaults=defaults
    )


def take_back(*, row: Suppression, actor: Actor) -> None:
    """Lift one row; it stays as history. Refused for what the person said themselves, but an address that failed may
    be tried again."""
    if row.reason in Suppression.CONSENT_REASONS and row.source not in _MAY_UNDO.get(actor.kind, set()):
        raise Refused(THEIR_OWN_WORD)
    with acting(actor):
        lift(rows=Suppression.objects.filter(pk=row.pk), evidence={"actor": actor.code})


def record_consent(*, row: Suppression, words: str, actor: Actor) -> None:
    """The person changed their mind and staff can prove it: lifts an unsubscribe, and keeps the proof.

    Refused for a STOP, which the carrier holds as well and only START undoes, and for a complaint.
    """
    if row.reason not in (Reason.UNSUBSCRIBE, Reason.OPT_OUT) or actor.kind != "user":
        raise Refused(THEIR_OWN_WORD)
    words = words.strip()
    if len(words) < 10:
        raise Invalid("Say how and when the person consented, in at least 10 characters.", field="words")
    with acting(actor):
        lift(rows=Suppression.objects.filter(pk=row.pk), evidence={"actor": actor.code, "consent": words[:1000]})


@transaction.atomic
def lift(*, rows: QuerySet[Suppression], evidence: dict[str, Any]) -> int:
    """Lift standing rows on the person's own word, which is kept with them; how many. Each under its address's lock,
    as the sender decides under it."""
    lifted = 0
    for row in rows.filter(lifted_at=None).order_by("pk"):
        address_lock(row.account_id, row.address)
        _hold(row.customer_id)
        standing = Suppression.objects.standing().filter(pk=row.pk)
        lifted += standing.update(lifted_at=timezone.now(), lift_evidence=evidence)
    return lifted


def _hold(customer_id: int | None) -> None:
    """The person before the rows about them, like everybody: writing such a row touches the person (flags.py)."""
    if customer_id is not None:
        Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk=customer_id).values_list("pk").first()


def opt_out(*, customer: Customer, actor: Actor) -> None:
    """A caller or staff says that the customer wants nothing; it holds for every channel and address."""
    suppress(
        account=customer.account,
        channel=Channel.ALL,
        reason=Reason.OPT_OUT,
        source=Source.STAFF if actor.kind == "user" else Source.CALLER,
        customer=customer,
        evidence={"actor": actor.code},
    )


@transaction.atomic
def opt_in(*, customer: Customer, actor: Actor) -> None:
    """Take back an opt-out; never one that the person gave (STOP, unsubscribe, complaint): Refused."""
    standing = _consent_rows(customer)
    undoable = standing.filter(source__in=_MAY_UNDO.get(actor.kind, set()))
    if standing.exclude(pk__in=undoable).exists():
        raise Refused(THEIR_OWN_WORD, field="opt_out")
    # Only these: a STOP that arrives right now stays.
    undoable.update(lifted_at=timezone.now())


class Wanted(NamedTuple):
    """Somebody to write to: on a channel, at an address."""

    channel: str
    address: str
    customer_id: int | None = None


def blocking(*, account: Account, channel: str, address: str, customer: Customer | None = None) -> Suppression | None:
    """The row that forbids this message, or None. Consent binds person and address, a dead address only itself."""
    return blocking_each(account=account, wanted=[Wanted(channel, address, customer.pk if customer else None)])[0]


def _about_any(account: int, addresses: Collection[str], people: Collection[int]) -> QuerySet[Suppression]:
    about = Q(address__in=addresses) | Q(customer__in=people, reason__in=Suppression.CONSENT_REASONS)
    return Suppression.objects.for_account(account).standing().filter(about).order_by("pk")


# Asked with every message that is sent.
_ABOUT_ONE = Compiled(
    lambda account, address, customer: _about_any(account, [address], [customer]),
    account=-4711,
    address="stand-in",
    customer=-4712,
)


def blocking_each(*, account: Account, wanted: Sequence[Wanted]) -> list[Suppression | None]:
    """As `blocking` for each of many, in one query."""
    addresses = {each.address.strip().lower() for each in wanted}
    people = {each.customer_id for each in wanted if each.customer_id is not None}
    if len(wanted) == 1 and people and "" not in addresses:
        rows = _ABOUT_ONE.fetch(account=account.pk, address=min(addresses), customer=min(people))
    else:
        rows = list(_about_any(account.pk, addresses - {""}, people))
    by_address, by_person = defaultdict(list), defaultdict(list)
    for row in rows:
        by_address[row.address].append(row)
        if row.reason in Suppression.CONSENT_REASONS:
            by_person[row.customer_id].append(row)
    return [_first(each, by_address, by_person) for each in wanted]


def _first(
    each: Wanted, by_address: Mapping[str, list[Suppression]], by_person: Mapping[int | None, list[Suppression]]
) -> Suppression | None:
    address = each.address.strip().lower()
    found = [*(by_address.get(address, ()) if address else ())]
    found += by_person.get(each.customer_id, ()) if each.customer_id is not None else ()
    on_channel = [row for row in found if row.channel in (each.channel, Channel.ALL)]
    return min(on_channel, key=lambda row: row.pk, default=None)


def is_opted_out(customer: Customer) -> bool:
    return _consent_rows(customer).exists()


def _consent_rows(customer: Customer) -> QuerySet[Suppression]:
    rows = Suppression.objects.for_account(customer.account_id).standing()
    return rows.filter(_about(customer, ""), reason__in=Suppression.CONSENT_REASONS)


def _about(customer: Customer | None, address: str) -> Q:
    addresses = [address, *_addresses(customer)]
    about = Q(address__in=[one.lower() for one in addresses if one])
    return about | Q(customer=customer) if customer else about


def _addresses(customer: Customer | None) -> list[str]:
    return [one for one in (customer.email, customer.mobile_number) if one] if customer else []
