"""Who said it: by an id or an address, at once or once they are known, within one account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.domain.actors import SYSTEM
from crm.domain import customers, identities, lookbacks
from crm.models import Customer, Identity, Lookback
from feedback.domain import items, linking, records, thumbs
from feedback.domain.items import ItemDraft
from feedback.domain.records import RecordDraft
from feedback.domain.thumbs import ThumbDraft
from feedback.models import FeedbackItem, FeedbackRecord
from feedbackhub.ids import uuid7


@pytest.fixture
def say(account, alice):
    """A record, a thumb and an item, each under a name."""

    def said(name: str, *, whose: Any = None, **thumb: Any) -> tuple[FeedbackRecord, FeedbackRecord]:
        draft = RecordDraft(
            contract=FeedbackRecord.Contract.HUB,
            submission_id=str(FeedbackRecord.objects.count()),
            source_type="survey",
            field_id="q",
            field_type="text",
            user_id=name or None,
        )
        record = records.create(account=whose or account, draft=draft, actor=alice.actor)
        properties = {"userId": name, "email": thumb.get("user_email", "")}
        liked = ThumbDraft(
            positive=True, message_id="m", user_id=name or None, sent={"userProperties": properties}, **thumb
        )
        return record, thumbs.log(account=whose or account, draft=liked, actor=alice.actor)

    return said


@pytest.fixture
def mia(account):
    return Customer.objects.create(account=account, email="Mia@example.org", mobile_number="+436601234567")


def owners(*rows: FeedbackRecord | FeedbackItem) -> list[Customer | None]:
    for row in rows:
        row.refresh_from_db()
    return [row.customer for row in rows]


def test_a_name_is_a_customer_s_by_id_or_address(account, other_account, mia, say):
    tom = Customer.objects.create(account=account, email="tom@example.org")
    theirs = Customer.objects.create(account=other_account, email="his@example.org")
    identities.attach(account=account, customer=tom, kind="user_id", value="u-1")
    identities.attach(account=account, customer=mia, kind="hub:user_id", value="u-1")
    names: dict[str, tuple[Customer | None, Customer | None]] = {
        # The contract's own id comes before the account's.
        "u-1": (mia, tom),
        mia.public_id: (mia, mia),
        "mia@EXAMPLE.org": (mia, mia),
        "+436601234567": (mia, mia),
        "mia": (None, None),
        "": (None, None),
        "his@example.org": (None, None),
        theirs.public_id: (None, None),
    }
    for name, expected in names.items():
        assert tuple(owners(*say(name))) == expected, name


def test_a_deleted_customer_is_nobody_until_they_come_back(account, alice, mia, say):
    identities.attach(account=account, customer=mia, kind="user_id", value="u-1")
    customers.delete(customer=mia, actor=alice.actor)
    said = [*say("u-1"), *say("mia@example.org"), *say(mia.public_id)]
    lookbacks.run()
    assert owners(*said) == [None] * 6
    customers.upsert(account=account, fields={"email": "mia@example.org"}, actor=alice.actor)
    assert lookbacks.run() == 6
    assert owners(*said) == [mia] * 6


def test_what_was_said_before_is_linked_when_its_sender_becomes_known(account, other_account, charlie, say):
    by_id, by_address = say("u-1"), say("MIA@example.org")
    by_number, by_mail = say("+436601234567"), say("cookie", user_email="mia@Example.org")[1]
    item = FeedbackItem.objects.create(account=account, channel="product", message="x")
    FeedbackItem.objects.filter(pk=item.pk).update(user_email_snapshot="mia@example.org")
    his = say("u-1", whose=other_account)
    mia = Customer.objects.create(account=account, email="mia@example.org", mobile_number="+436601234567")
    identities.attach(account=account, customer=mia, kind="inkeep:user_id", value="u-1")
    versions = [row.updated_at for row in by_address]
    lookbacks.run()
    assert owners(*by_id) == [None, mia]
    assert owners(*by_address, *by_number, by_mail, item) == [mia] * 6
    assert [row.updated_at for row in by_address] == versions
    identities.attach(account=account, customer=mia, kind="user_id", value="u-1")
    lookbacks.run()
    assert owners(*by_id, *his) == [mia, mia, None, None]


def test_charlie_s_customer_of_the_same_name_gets_nothing_of_alice_s(other_account, say):
    hers = say("mia@example.org")
    his = Customer.objects.create(account=other_account, email="mia@example.org")
    identities.attach(account=other_account, customer=his, kind="user_id", value="mia@example.org")
    assert lookbacks.run() == 0
    assert owners(*hers) == [None, None]
    with pytest.raises(ValueError, match="another account"):
        identities.attach(account=hers[0].account, customer=his, kind="user_id", value="u-1")


def test_what_belongs_to_somebody_stays_theirs(account, say, mia):
    said = say("mia@example.org")
    tom = Customer.objects.create(account=account, email="tom@example.org")
    identities.attach(account=account, customer=tom, kind="user_id", value="mia@example.org")
    lookbacks.run()
    assert owners(*said) == [mia, mia]


def test_of_two_who_are_known_under_it_the_rule_decides_also_later(account, say):
    said = say("x@example.org")
    tom = Customer.objects.create(account=account, email="tom@example.org")
    identities.attach(account=account, customer=tom, kind="user_id", value="x@example.org")
    Customer.objects.create(account=account, email="x@example.org")
    lookbacks.run()
    assert owners(*said) == [tom, tom]


def test_an_id_is_remembered_with_the_address_it_came_with(account, say, mia):
    say("u-1", user_email="mia@example.org", sure=True)
    assert str(Identity.objects.get()) == "inkeep:user_id u-1"
    assert owners(*say("u-1")) == [None, mia]
    # Whoever came first stays.
    tom = Customer.objects.create(account=account, email="tom@example.org")
    assert owners(say("u-1", user_email="tom@example.org", sure=True)[1]) == [mia]
    assert (Identity.objects.get().customer, tom.identities.count()) == (mia, 0)


def test_a_key_that_stands_in_a_web_page_teaches_nothing(say, mia):
    assert owners(say("u-1", user_email="mia@example.org")[1]) == [mia]
    assert not Identity.objects.exists()


def test_an_item_of_somebody_signed_in_is_the_customer_s_with_their_address(account, alice):
    known = Customer.objects.create(account=account, email="ALICE@example.com")
    draft = ItemDraft(message="x", channel=FeedbackItem.Channel.PRODUCT, submitted_by=alice.user)
    assert items.create(account=account, draft=draft, actor=alice.actor).customer == known


def test_many_are_linked_in_bounded_steps_and_none_is_left(monkeypatch, account, say):
    said = [row for _ in range(3) for row in say("mia@example.org")]
    monkeypatch.setattr(lookbacks, "LINKED", 2)
    mia = Customer.objects.create(account=account, email="mia@example.org")
    assert lookbacks.run() == 6
    assert owners(*said) == [mia] * 6


def test_everybody_is_looked_back_for_twice(monkeypatch, account, say, mia):
    lookbacks.run()
    row = Lookback.objects.get()
    assert row.looked_at is not None
    # Stored while the first look was on, under the old state of things.
    late = say("mia@example.org")
    FeedbackRecord.objects.update(customer=None)
    assert (lookbacks.run(), owners(*late)) == (0, [None, None])
    Lookback.objects.update(looked_at=timezone.now() - timedelta(minutes=2))
    assert (lookbacks.run(), owners(*late)) == (2, [mia, mia])
    assert not Lookback.objects.exists()


def test_whoever_asks_meanwhile_is_looked_back_for_again(monkeypatch, account, mia):
    def meanwhile(_customers: Any, _at_most: int) -> int:
        Customer.objects.filter(pk=mia.pk).update(email="new@example.org")
        return 0

    monkeypatch.setattr(lookbacks, "_linkers", [meanwhile])
    monkeypatch.setattr(lookbacks, "ROUNDS", 1)
    lookbacks.run()
    assert Lookback.objects.get().looked_at is None
    assert lookbacks.lag().due == 1


def test_a_change_that_says_nothing_new_about_who_they_are_asks_for_nothing(mia):
    Lookback.objects.all().delete()
    Customer.objects.filter(pk=mia.pk).update(fname="Mia", email="Mia@example.org")
    assert not Lookback.objects.exists()


def test_looking_back_uses_its_indexes(account, alice, say, mia):
    thumb = say("u-1", user_email="somebody@example.org")[1]
    item = FeedbackItem.objects.create(account=account, channel="product", message="x")
    # As if there were so many that reading them all is out of the question.
    for model, row, changes in (
        (FeedbackRecord, thumb, {"user_id": "{}", "submission_id": "{}", "raw": {"userProperties": {"email": "{}"}}}),
        (FeedbackItem, item, {"user_email_snapshot": "{}@example.org"}),
    ):
        fields = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
        rows = [
            model(**{**fields, "id": uuid7(), **{name: _filled(value, n) for name, value in changes.items()}})
            for n in range(300)
        ]
        model.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off")
        cursor.execute("SET LOCAL enable_mergejoin = off")
        cursor.execute("ANALYZE feedback_feedbackrecord, feedback_feedbackitem, crm_customer, crm_identity")
        for statement, names in (
            (linking._LINK_RECORDS, {"record_unknown_user", "thumb_unknown_email"}),
            (linking._LINK_ITEMS, {"item_unknown_email"}),
        ):
            cursor.execute(f"EXPLAIN {statement}", [[mia.pk], *[10] * (statement.count("%s") - 1)])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert {name for name in names if name in plan} == names, plan


def _filled(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, number) for name, inner in value.items()}
    return value.format(number)


@pytest.mark.django_db
def test_a_step_reads_no_more_of_somebody_s_answers_than_it_links(account):
    """Of two names for the same answers too, and without losing any."""
    drafts = [
        RecordDraft(
            contract=FeedbackRecord.Contract.HUB,
            submission_id=str(number),
            source_type="survey",
            field_id="q",
            field_type="text",
            user_id="mia@example.com" if number % 2 else "u-1",
        )
        for number in range(2_000)
    ]
    records.create_many(account=account, drafts=drafts, actor=SYSTEM)
    mia = Customer.objects.create(account=account, email="mia@example.com")
    for kind in (Identity.OWN, "hub:user_id"):
        Identity.objects.create(account=account, customer=mia, kind=kind, value="u-1")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE feedback_feedbackrecord")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {linking._LINK_RECORDS}", [[mia.pk], 100, 100, 100])
        ((plan,),) = cursor.fetchall()
    read = [node for node in _nodes(plan[0]["Plan"]) if node.get("Relation Name") == "feedback_feedbackrecord"]
    assert read
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in read) <= 300
    steps = []
    while linked := linking.link_records([mia.pk], 300):
        steps.append(linked)
    assert steps == [300] * 6 + [100]
    assert not FeedbackRecord.objects.filter(customer=None).exists()


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in _nodes(child))]
