"""Two rows become one person: values, what hangs on them, refusals, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, ManyToManyField
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import SYSTEM
from crm.domain import customers, identities, lookbacks, suppressions
from crm.domain.merging import merge as merging
from crm.domain.merging import plan, relations, undo
from crm.models import Customer, Identity, Location, Lookback, MergedRow, MergeRecord, Suppression
from crm.tasks import forget_merged_rows
from feedback.domain import records
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord
from feedbackhub.errors import Invalid, NotFound, Refused
from tests.crm.merging import facts, merge, two


def test_every_foreign_key_to_a_customer_is_moved_or_excused():
    known = {f"{each.model._meta.label}.{each.column}" for each in relations.all_of()} | set(relations.EXCUSED)
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if not hasattr(model, "pgh_tracked_model")
        for field in model._meta.get_fields()
        if isinstance(field, (ForeignKey, ManyToManyField)) and field.related_model is Customer
    }
    assert found == known


def record_of(customer) -> FeedbackRecord:
    draft = RecordDraft(
        contract=FeedbackRecord.Contract.HUB,
        submission_id=f"s{FeedbackRecord.objects.count()}",
        source_type="survey",
        field_id="q",
        field_type="text",
        value_text="x",
    )
    made = records.create(account=customer.account, draft=draft, actor=SYSTEM)
    FeedbackRecord.objects.filter(pk=made.pk).update(customer=customer)
    return made


def test_the_winners_values_stay_and_gaps_are_filled(account):
    winner, loser = two(account, properties={"plan": "gold", "size": 3}, language="de")
    Customer.objects.filter(pk=winner.pk).update(properties={"plan": "silver"})
    winner.refresh_from_db()
    merge(winner, loser)
    winner.refresh_from_db()
    loser.refresh_from_db()
    assert (winner.email, winner.mobile_number, winner.sname) == ("mia@example.org", "+436601234567", "Berg")
    assert (winner.language, winner.properties) == ("de", {"plan": "silver", "size": 3})
    assert loser.merged_into_id == winner.pk


def test_what_is_taken_is_the_losers(account):
    winner, loser = two(account, properties={"plan": "gold"})
    Customer.objects.filter(pk=winner.pk).update(properties={"plan": "silver"})
    merge(winner, loser, "email", "property:plan", "sname")
    winner.refresh_from_db()
    assert (winner.email, winner.properties) == ("mia.berg@example.net", {"plan": "gold"})


def test_what_hung_on_the_loser_is_the_winners(account):
    winner, loser = two(account)
    square = Location.objects.create(account=account, name="Square", country_code="AT")
    hill = Location.objects.create(account=account, name="Hill", country_code="AT")
    winner.locations.add(square)
    loser.locations.add(square, hill)
    said = record_of(loser)
    identities.give(account=account, customer=loser, value="42")
    merge(winner, loser)
    said.refresh_from_db()
    assert said.customer_id == winner.pk
    assert {place.name for place in winner.locations.all()} == {"Square", "Hill"}
    # The place that both had stays with the tombstone.
    assert [place.name for place in loser.locations.all()] == ["Square"]
    assert identities.find(account=account, kind=Identity.OWN, value="42") == winner


def test_an_address_that_is_not_kept_still_tells_who_is_meant(account):
    winner, loser = two(account)
    merge(winner, loser)
    assert Identity.objects.get(value="mia.berg@example.net").customer == winner
    assert identities.customer_id(account=account, kind="hub:user_id", value="mia.berg@example.net") == winner.pk


def test_a_no_to_either_is_a_no_to_the_one(account):
    winner, loser = two(account)
    given = {"account": account, "reason": "unsubscribe", "source": "recipient"}
    suppressions.suppress(**given, channel="email", address="mia.berg@example.net")
    suppressions.suppress(account=account, channel="sms", reason="stop", source="recipient", customer=loser)
    merge(winner, loser)
    for channel in ("email", "sms"):
        block = suppressions.blocking(account=account, channel=channel, address="new@example.com", customer=winner)
        assert block is not None, channel
    winner.refresh_from_db()
    assert winner.opted_out is True


def test_a_no_to_an_address_of_the_winners_binds_them_when_the_other_address_is_taken(account):
    winner, loser = two(account)
    suppressions.suppress(
        account=account, channel="email", reason="unsubscribe", source="recipient", address="mia@example.org"
    )
    merge(winner, loser, "email")
    winner.refresh_from_db()
    block = suppressions.blocking(account=account, channel="email", address=winner.email, customer=winner)
    assert (winner.email, block is not None) == ("mia.berg@example.net", True)


def test_a_dead_address_is_no_refusal(account):
    winner, loser = two(account)
    suppressions.suppress(
        account=account, channel="email", reason="hard_bounce", source="provider", address="mia.berg@example.net"
    )
    merge(winner, loser)
    winner.refresh_from_db()
    assert (winner.opted_out, winner.undeliverable) == (False, False)


def test_the_plan_says_what_the_merge_does(account):
    winner, loser = two(account)
    square = Location.objects.create(account=account, name="Square", country_code="AT")
    winner.locations.add(square)
    loser.locations.add(square)
    record_of(loser)
    customers.update(customer=loser, fields={"opt_out": True}, actor=SYSTEM)
    planned = plan.of(winner=winner, loser=loser, take=["email"])
    told = {each.label: (each.result, each.open, each.taken) for each in planned.choices}
    assert told == {
        "E-mail": ("mia.berg@example.net", True, True),
        "Mobile number": ("+436601234567", False, True),
        "First name": ("Mia", False, False),
        "Last name": ("Berg", False, True),
    }
    assert {each.title: (each.rows, each.staying) for each in planned.moving} == {
        "locations": (0, 1),
        "do-not-contact entries": (1, 0),
        "records": (1, 0),
    }
    assert planned.notes == ["What either of them wants no messages by, the one who stays will not be sent either."]
    assert not MergeRecord.objects.exists()


def test_undoing_brings_everything_back(account):
    winner, loser = two(account, properties={"plan": "gold"})
    hill = Location.objects.create(account=account, name="Hill", country_code="AT")
    loser.locations.add(hill)
    record_of(loser)
    record_of(winner)
    identities.give(account=account, customer=loser, value="42")
    suppressions.suppress(account=account, channel="sms", reason="stop", source="recipient", customer=loser)
    before = facts()
    record = merge(winner, loser, "email")
    assert facts() != before
    undo.undo(record=record, actor=SYSTEM)
    assert facts() == before


def test_what_was_changed_since_stays_as_it_is(account):
    winner, loser = two(account)
    third = Customer.objects.create(account=account, email="third@example.org")
    said, other = record_of(loser), record_of(loser)
    record = merge(winner, loser)
    winner.refresh_from_db()
    customers.update(customer=winner, fields={"sname": "Bergmann"}, actor=SYSTEM)
    FeedbackRecord.objects.filter(pk=other.pk).update(customer=third)
    undo.undo(record=record, actor=SYSTEM)
    winner.refresh_from_db()
    said.refresh_from_db()
    other.refresh_from_db()
    assert (winner.sname, winner.mobile_number) == ("Bergmann", None)
    assert (said.customer_id, other.customer_id) == (loser.pk, third.pk)


def test_a_no_said_while_they_were_one_is_a_no_of_both(account):
    winner, loser = two(account)
    record = merge(winner, loser)
    suppressions.suppress(account=account, channel="email", reason="unsubscribe", source="recipient", customer=winner)
    undo.undo(record=record, actor=SYSTEM)
    assert suppressions.is_opted_out(winner)
    assert suppressions.is_opted_out(loser)


def test_undoing_is_refused_when_an_address_went_to_somebody_new(account):
    winner, loser = two(account)
    record = merge(winner, loser, "email")
    Customer.objects.create(account=account, email="Mia@example.org")
    with pytest.raises(Refused, match="belongs to"):
        undo.undo(record=record, actor=SYSTEM)


def test_undoing_is_refused_a_month_later_and_twice(account):
    winner, loser = two(account)
    record = merge(winner, loser)
    undo.undo(record=record, actor=SYSTEM)
    with pytest.raises(Refused, match="30 days"):
        undo.undo(record=MergeRecord.objects.get(), actor=SYSTEM)
    again = merge(winner, loser)
    MergeRecord.objects.filter(pk=again.pk).update(merged_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Refused, match="30 days"):
        undo.undo(record=MergeRecord.objects.get(pk=again.pk), actor=SYSTEM)


def test_what_undoing_would_need_is_forgotten_after_its_time(account):
    old, new = (
        merge(*two(account)),
        merge(
            Customer.objects.create(account=account, email="c@example.com"),
            Customer.objects.create(account=account, email="d@example.com"),
        ),
    )
    kept = new.rows.count()
    assert (old.rows.count() > 0, kept > 0, undo.forget_old()) == (True, True, 0)
    MergeRecord.objects.filter(pk=old.pk).update(merged_at=timezone.now() - undo.UNDOABLE_FOR - timedelta(hours=2))
    forget_merged_rows()
    assert (old.rows.count(), new.rows.count(), MergeRecord.objects.count()) == (0, kept, 2)


def test_merges_on_merges_are_undone_newest_first(account):
    winner, loser = two(account)
    last = Customer.objects.create(account=account, email="last@example.org")
    before = facts()
    first = merge(winner, loser)
    winner.refresh_from_db()
    second = merge(last, winner)
    loser.refresh_from_db()
    assert loser.merged_into_id == last.pk
    with pytest.raises(Refused, match="merged into another"):
        undo.undo(record=first, actor=SYSTEM)
    undo.undo(record=second, actor=SYSTEM)
    undo.undo(record=first, actor=SYSTEM)
    assert facts() == before


def test_what_was_being_stored_meanwhile_follows(account):
    winner, loser = two(account)
    late = record_of(loser)
    FeedbackRecord.objects.filter(pk=late.pk).update(customer=None)
    record = merge(winner, loser)
    FeedbackRecord.objects.filter(pk=late.pk).update(customer=loser)
    assert Lookback.objects.filter(customer=winner).exists()
    lookbacks.run()
    late.refresh_from_db()
    assert late.customer_id == winner.pk
    undo.undo(record=record, actor=SYSTEM)
    late.refresh_from_db()
    assert late.customer_id == loser.pk


def test_nobody_is_merged_with_themselves_or_twice_or_with_another_accounts(account, other_account):
    winner, loser = two(account)
    foreign = Customer.objects.create(account=other_account, email="x@example.org")
    with pytest.raises(Invalid):
        merge(winner, winner)
    with pytest.raises(NotFound):
        merge(winner, foreign)
    merge(winner, loser)
    with pytest.raises(NotFound):
        merge(winner, loser)


def test_too_much_is_refused_and_nothing_is_done(account, monkeypatch):
    monkeypatch.setattr(merging, "MOST_ROWS", 1)
    winner, loser = two(account)
    record_of(loser), record_of(loser)
    before = facts()
    with pytest.raises(Refused, match="other way round"):
        merge(winner, loser)
    assert (facts(), MergedRow.objects.count()) == (before, 0)


def test_the_audit_tells_who_merged(account, alice):
    winner, loser = two(account)
    merging.merge(account=account, winner=winner, loser=loser, actor=alice.actor)
    event = apps.get_model("crm.CustomerEvent").objects.filter(pgh_obj=loser.pk).order_by("pgh_id").last()
    assert (event.merged_into_id, event.pgh_context["actor"]) == (winner.pk, alice.actor.code)


def test_constraints_of_merges(account):
    winner, loser = two(account)
    record = merge(winner, loser)
    made = {"account": account, "winner": winner, "merged_by": actors.SYSTEM.code}
    with pytest.raises(IntegrityError, match="merge_of_two"), transaction.atomic():
        MergeRecord.objects.create(**made, loser=winner)
    with pytest.raises(IntegrityError, match="merge_standing_once"), transaction.atomic():
        MergeRecord.objects.create(**made, loser=loser)
    with pytest.raises(IntegrityError, match="merge_undone_at_and_by"), transaction.atomic():
        MergeRecord.objects.filter(pk=record.pk).update(undone_at=timezone.now())
    assert Suppression.objects.count() == 0
