"""Whatever two rows of a person hold: no refusal is lost by merging them, and undoing leaves what was."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.domain import suppressions
from crm.domain.merging import plan, undo
from crm.models import Customer, Identity, Location, Suppression
from tests.crm.merging import facts, merge

ADDRESSES = ("a@example.org", "b@example.org", "+436601234567", "+436607654321")
REASONS = [reason.value for reason in Suppression.CONSENT_REASONS] + ["hard_bounce"]
text = st.sampled_from(["", "Mia", "Berg"])


@st.composite
def people(draw: st.DrawFn) -> dict:
    return {
        "fname": draw(text) or None,
        "sname": draw(text) or None,
        "language": draw(st.sampled_from(["", "de", "en"])),
        "properties": draw(st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2), max_size=3)),
    }


refusals = st.lists(
    st.tuples(
        st.sampled_from(["email", "sms", "all"]),
        st.sampled_from(REASONS),
        # By an address, by a customer, or by both.
        st.sampled_from(["", *ADDRESSES]),
        st.sampled_from([None, 0, 1]),
    ).filter(lambda row: row[2] or row[3] is not None),
    max_size=5,
)


@pytest.mark.django_db
@settings(max_examples=25)
@given(
    values=st.tuples(people(), people()),
    has=st.tuples(*[st.booleans()] * 4),
    said=refusals,
    places=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), max_size=4),
    ids=st.lists(st.integers(0, 1), max_size=3),
    take=st.sets(st.sampled_from([*plan.FIELDS, "property:x", "property:y"])),
)
def test_union_of_refusals_and_the_way_back(values, has, said, places, ids, take):
    with transaction.atomic():
        _try(values, has, said, places, ids, take)
        # One example's rows are not another's.
        transaction.set_rollback(True)


def _try(values, has, said, places, ids, take) -> None:
    account = Account.objects.create(name="A")
    addresses = [address if there else None for address, there in zip(ADDRESSES, has, strict=True)]
    given = zip(values, addresses[:2], addresses[2:], strict=True)
    pair = [
        Customer.objects.create(account=account, email=email, mobile_number=number, **value)
        for value, email, number in given
    ]
    spots = [Location.objects.create(account=account, name=str(n), country_code="AT") for n in range(3)]
    for person, spot in places:
        pair[person].locations.add(spots[spot])
    for number, person in enumerate(ids):
        Identity.objects.create(account=account, customer=pair[person], kind=Identity.OWN, value=str(number))
    for channel, reason, address, person in said:
        whom = None if person is None else pair[person]
        suppressions.suppress(
            account=account, channel=channel, reason=reason, source="recipient", address=address, customer=whom
        )
    winner, loser = pair
    before = facts("crm")
    blocked = {
        (channel, each) for channel in ("email", "sms") for each in addresses if each and _no(channel, each, pair)
    }
    record = merge(winner, loser, *take)
    winner.refresh_from_db()
    for channel, address in blocked:
        assert _blocks(channel, address, winner), (channel, address)
    # Who wanted nothing by one of their rows is sent nothing, at whichever address they keep.
    for channel in ("email", "sms"):
        if any(_refuses(channel, row) for row in _said_by(before["standing"], pair)):
            assert _blocks(channel, "elsewhere@example.org", winner)
    undo.undo(record=record, actor=SYSTEM)
    assert facts("crm") == before


def _no(channel: str, address: str, pair: list[Customer]) -> bool:
    owner = next(each for each in pair if address in (each.email, each.mobile_number))
    return _blocks(channel, address, owner)


def _blocks(channel: str, address: str, customer: Customer) -> bool:
    found = suppressions.blocking(account=customer.account, channel=channel, address=address, customer=customer)
    return found is not None


def _said_by(rows: list[dict], pair: list[Customer]) -> list[dict]:
    theirs = {one for each in pair for one in (each.email, each.mobile_number) if one}
    return [row for row in rows if row["customer"] in {each.pk for each in pair} or row["address"] in theirs]


def _refuses(channel: str, row: dict) -> bool:
    return row["channel"] in (channel, "all") and row["reason"] in Suppression.CONSENT_REASONS
