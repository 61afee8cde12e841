"""Typed answers below any contract."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain.actors import SYSTEM
from crm.domain import identities
from crm.models import Customer
from feedback.domain import items, records
from feedback.domain.items import ItemDraft
from feedback.domain.queries import records as queries
from feedback.domain.records import RecordDraft
from feedback.models import Evidence, FeedbackItem, FeedbackRecord
from feedbackhub.errors import Conflict, Invalid, NotFound
from feedbackhub.ids import uuid7
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def draft(**values: Any) -> RecordDraft:
    given = {"submission_id": "s", "source_type": "survey", "field_id": "q", "field_type": "text", **values}
    return RecordDraft(**{"contract": FeedbackRecord.Contract.HUB, **given})


@time_machine.travel(NOW, tick=False)
def test_what_create_returns_is_what_is_stored(account):
    values = {"value_number": 9.0, "value_scale": 10, "metadata": {"a": [1]}, "raw": {"b": None}, "value_date": NOW}
    created = records.create(account=account, draft=draft(**values), actor=SYSTEM)
    stored = FeedbackRecord.objects.get()
    for field in FeedbackRecord._meta.concrete_fields:
        assert getattr(created, field.attname) == getattr(stored, field.attname), field.name
    assert (stored.collected_at, stored.created_at, stored.updated_at) == (NOW, NOW, NOW)


def test_a_customer_named_in_the_draft_wins_over_the_user_id(account):
    jane = Customer.objects.create(account=account, email="jane@example.com")
    joe = Customer.objects.create(account=account, email="joe@example.com")
    created = records.create(account=account, draft=draft(customer_id=joe.pk, user_id=jane.email), actor=SYSTEM)
    assert created.customer_id == joe.pk


def test_a_duplicate_leaves_the_transaction_it_is_in_usable(account):
    with transaction.atomic():
        records.create(account=account, draft=draft(), actor=SYSTEM)
        with pytest.raises(Conflict):
            records.create(account=account, draft=draft(), actor=SYSTEM)
        records.create(account=account, draft=draft(submission_id="t"), actor=SYSTEM)
    assert FeedbackRecord.objects.count() == 2


def test_many_are_stored_all_or_none(account, django_assert_num_queries):
    with django_assert_num_queries(1):
        records.create_many(account=account, drafts=[draft(), draft(field_id="r")], actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        records.create_many(account=account, drafts=[draft(field_id="s"), draft()], actor=SYSTEM)
    assert sorted(FeedbackRecord.objects.values_list("field_id", flat=True)) == ["q", "r"]


def test_only_what_was_answered_can_be_corrected(account):
    created = records.create(account=account, draft=draft(), actor=SYSTEM)
    with pytest.raises(ValueError, match="source_type"):
        records.correct(account=account, record_id=created.pk, changes={"source_type": "x"}, actor=SYSTEM)


def test_the_door_opens_for_the_account_and_the_contract_only(account, other_account):
    created = records.create(account=account, draft=draft(), actor=SYSTEM)
    landing = draft(contract=FeedbackRecord.Contract.REQUEST)
    elsewhere = records.create(account=account, draft=landing, actor=SYSTEM)
    assert queries.record_for(account=account, id=created.pk) == created
    for owner, id in ((other_account, created.pk), (account, elsewhere.pk), (account, uuid7())):
        with pytest.raises(NotFound):
            queries.record_for(account=owner, id=id)


def test_the_list_s_first_condition_lets_the_index_find_a_deep_page(account):
    """A page behind a cursor starts its index scan at the cursor, whatever lies before it."""
    wanted = queries.RecordFilter(tenant_id="t")
    after = queries.Position(NOW, uuid7())
    with CaptureQueriesContext(connection) as asked:
        queries.page(account=account, wanted=wanted, limit=10, after=after)
    (query,) = asked
    bound = '"collected_at" <= \'2026-03-01'
    assert bound in query["sql"]
    # Beside the others, not within an alternative: an index can start there.
    assert query["sql"].index(bound) < query["sql"].index(" OR ")


def test_a_deleted_customer_is_nobody_s_address(account):
    Customer.objects.create(account=account, email="jane@example.com", deleted_at=NOW)
    assert identities.customer_id(account=account, kind="hub:user_id", value="jane@example.com") is None


@pytest.mark.django_db(transaction=True)
def test_those_who_erase_one_person_at_once_count_each_answer_once(account):
    """None of them waits for another in a circle, which the database would break up by an error."""
    drafts = [draft(submission_id=str(number), tenant_id="t", user_id="u") for number in range(200)]
    records.create_many(account=account, drafts=drafts, actor=SYSTEM)
    erased = at_once(8, lambda _: records.delete_of_user(account=account, user_id="u", tenant_id=None, actor=SYSTEM))
    assert sorted(erased, key=str) == [0] * 7 + [200]
    assert not FeedbackRecord.objects.exists()


def test_an_item_keeps_its_evidence_and_who_submitted_it(account, alice):
    record = records.create(account=account, draft=draft(value_text="Bad"), actor=SYSTEM)
    item = items.create(
        account=account,
        draft=ItemDraft(message="Bad", channel=FeedbackItem.Channel.RECORD, submitted_by=alice.user),
        actor=alice.actor,
        evidence=[record],
    )
    assert Evidence.objects.get().item == item
    assert Evidence.objects.get().record == record
    assert (item.user_email_snapshot, item.user_name_snapshot) == ("alice@example.com", "Alice")
    assert (item.business_name_snapshot, item.plan_snapshot) == ("Alice's Bakery", None)


def test_an_item_must_say_something(account):
    with pytest.raises(Invalid):
        items.create(
            account=account, draft=ItemDraft(message=" \n", channel=FeedbackItem.Channel.CONSOLE), actor=SYSTEM
        )
    assert not FeedbackItem.objects.exists()
