"""Erasing a record erases the words that a rule copied of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from accounts.models import Account
from feedback.domain import records, tenants, thumbs, triage
from feedback.domain.rules import erasing, queue
from feedback.domain.thumbs import ThumbDraft
from feedback.models import FeedbackItem
from tests.conftest import Person
from tests.feedback.domain.rules.making import BY, rule_of, store

pytestmark = pytest.mark.django_db


def words_kept() -> set[str]:
    events: Any = apps.get_model("feedback", "FeedbackItemEvent")
    return {*FeedbackItem.objects.values_list("message", flat=True), *events.objects.values_list("message", flat=True)}


def test_a_deleted_record_takes_its_words_with_it_and_leaves_what_was_decided(account: Account, alice: Person) -> None:
    rule_of(account)
    record = store(account, "text", value_text="I am Jane")
    other = store(account, "text", "s2", value_text="Others stay")
    queue.run()
    item = FeedbackItem.objects.get(message="I am Jane")
    triage.set_status(item=item, status="planned", actor=alice.actor)
    records.delete(account=account, record_id=record.pk, actor=BY)
    assert words_kept() == {erasing.ERASED, "Others stay"}
    item.refresh_from_db()
    assert (item.status, item.message, item.version) == ("planned", erasing.ERASED, 3)
    assert other.pk is not None


def test_so_does_everything_that_one_person_sent(account: Account) -> None:
    rule_of(account)
    store(account, "text", value_text="I am Jane", user_id="jane", tenant_id="t1")
    queue.run()
    assert records.delete_of_user(account=account, user_id="jane", tenant_id=None, actor=BY) == 1
    assert words_kept() == {erasing.ERASED}


def test_so_does_a_purged_tenant(account: Account) -> None:
    rule_of(account)
    store(account, "text", value_text="I am Jane", tenant_id="t1")
    queue.run()
    tenants.ask_for_purge(account=account, tenant_id="t1", actor=BY)
    tenants.purge_due()
    assert words_kept() == {erasing.ERASED}


def test_so_does_a_thumb(account: Account) -> None:
    rule_of(account, "thumb")
    said = ThumbDraft(id="t", positive=False, message_id="m", text="I am Jane", sent={"details": "I am Jane"})
    thumbs.log(account=account, draft=said, actor=BY)
    queue.run()
    thumbs.delete(account=account, id="t", actor=BY)
    assert words_kept() == {erasing.ERASED}


def test_a_record_that_is_no_item_is_simply_gone(account: Account) -> None:
    record = store(account, value_number=3)
    records.delete(account=account, record_id=record.pk, actor=BY)
    assert words_kept() == set()
