"""Writing back to whoever said something."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connections, transaction

from campaigns.models import Message
from crm.domain import customers, suppressions
from crm.models import Customer
from feedback.domain import replies, triage, undo
from feedback.domain.queries import conversations
from feedback.models import FeedbackItem, Reply
from feedbackhub.errors import Conflict, Invalid, NotFound, Refused
from tests.feedback.writing import customer_of, item_from, words


def nothing_stored() -> bool:
    return not Reply.objects.exists() and not Message.objects.exists()


def test_a_reply_is_kept_with_who_wrote_it_and_put_into_the_queue(account, bob):
    customer = customer_of(account)
    item = item_from(account, customer)
    reply = replies.send(item=item, draft=words(), writer=bob.user, version=1)
    assert (reply.account, reply.item, reply.customer) == (account, item, customer)
    assert (reply.channel, reply.subject, reply.body) == ("email", "Your oven", "We fixed the oven.")
    assert (reply.author, reply.author_name) == (bob.actor.code, "Bob")
    message = Message.objects.get(reply=reply)
    assert (message.state, message.address, message.feedback_request) == ("scheduled", customer.email, None)
    assert item.version == 2


def test_a_form_sent_twice_is_one_reply(account, bob):
    item = item_from(account, customer_of(account))
    draft = words()
    first = replies.send(item=item, draft=draft, writer=bob.user, version=1)
    assert replies.send(item=item, draft=draft, writer=bob.user, version=1) == first
    assert Message.objects.count() == 1


def test_the_database_keeps_a_form_to_one_reply(account, bob):
    customer = customer_of(account)
    item = item_from(account, customer)
    reply = replies.send(item=item, draft=words(), writer=bob.user)
    row = {"account": account, "item": item, "customer": customer, "channel": "email", "body": "x"}
    with pytest.raises(IntegrityError, match="reply_once_a_form"), transaction.atomic():
        Reply.objects.create(**row, token=reply.token)


@pytest.mark.django_db(transaction=True)
def test_two_posts_of_one_form_at_once_are_one_reply(account, bob):
    item = item_from(account, customer_of(account))
    draft = words()

    def send(_: int) -> uuid.UUID:
        try:
            own = FeedbackItem.objects.select_related("account", "customer").get(pk=item.pk)
            return replies.send(item=own, draft=draft, writer=bob.user, version=1).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(send, range(2)))) == 1
    assert (Reply.objects.count(), Message.objects.count()) == (1, 1)


def test_nothing_is_sent_to_who_did_not_allow_it(account, bob):
    item = item_from(account, customer_of(account), allow_contact=False)
    with pytest.raises(Refused, match="did not say that they may be contacted"):
        replies.send(item=item, draft=words(), writer=bob.user)
    assert nothing_stored()


def test_nothing_is_sent_when_somebody_changed_the_item_meanwhile(account, alice, bob):
    item = item_from(account, customer_of(account))
    triage.set_status(item=FeedbackItem.objects.get(pk=item.pk), status="closed", actor=alice.actor)
    with pytest.raises(Conflict):
        replies.send(item=item, draft=words(), writer=bob.user, version=1)
    assert nothing_stored()


def test_the_second_of_two_who_reply_is_told_of_the_first(account, alice, bob):
    item = item_from(account, customer_of(account))
    replies.send(item=FeedbackItem.objects.get(pk=item.pk), draft=words(), writer=alice.user, version=1)
    with pytest.raises(Conflict):
        replies.send(item=item, draft=words(), writer=bob.user, version=1)
    assert Reply.objects.get().author_name == "Alice"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (words("  "), "body"),
        (words("x" * 5_001), "body"),
        (words("nul\0"), "body"),
        (words(subject=""), "subject"),
        (words(subject="x" * 201), "subject"),
        (words(channel="fax"), "channel"),
        (words(answers_to="somebody@example.net"), "answers_to"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_stored(account, bob, draft, field):
    item = item_from(account, customer_of(account))
    with pytest.raises(Invalid) as refused:
        replies.send(item=item, draft=draft, writer=bob.user)
    assert [problem.name for problem in refused.value.problems] == [field]
    assert nothing_stored()


def test_who_is_known_by_their_address_only_becomes_a_customer(account, bob):
    item = item_from(account, user_email_snapshot="Guest@Example.org", user_name_snapshot="Jo\nGuest")
    reply = replies.send(item=item, draft=words(), writer=bob.user)
    assert (reply.customer.email, reply.customer.fname) == ("guest@example.org", "Jo Guest")
    assert item.customer == reply.customer
    assert Message.objects.get().address == "guest@example.org"


def test_who_is_a_customer_already_stays_the_same(account, bob):
    known = customer_of(account, email="guest@example.org")
    item = item_from(account, user_email_snapshot="Guest@Example.org")
    assert replies.send(item=item, draft=words(), writer=bob.user).customer == known
    assert Customer.objects.count() == 1


def test_a_deleted_customer_is_not_brought_back_by_a_reply(account, bob, alice):
    gone = customer_of(account, email="guest@example.org")
    customers.delete(customer=gone, actor=alice.actor)
    item = item_from(account, user_email_snapshot="guest@example.org")
    with pytest.raises(Refused, match="The customer was deleted"):
        replies.send(item=item, draft=words(), writer=bob.user)
    gone.refresh_from_db()
    assert gone.deleted_at is not None
    assert nothing_stored()


def test_a_customer_of_another_account_with_the_same_address_is_not_meant(account, other_account, bob):
    customer_of(other_account, email="guest@example.org")
    item = item_from(account, user_email_snapshot="guest@example.org")
    assert replies.send(item=item, draft=words(), writer=bob.user).customer.account == account


def test_nobody_is_there_to_reply_to(account, bob):
    item = item_from(account)
    with pytest.raises(Refused, match="Nobody knows who said this"):
        replies.send(item=item, draft=words(), writer=bob.user)
    assert replies.obstacle(item=item, ways=replies.ways_to(item=item)) == replies.NOBODY


def test_the_ways_say_beforehand_what_stands_against_each(account):
    customer = customer_of(account, mobile_number="+12015550123")
    item = item_from(account, customer)
    suppressions.suppress(
        account=account, channel="email", reason="unsubscribe", source="recipient", address=customer.email or ""
    )
    mail, sms = replies.ways_to(item=item)
    assert (mail.channel, mail.address, mail.open) == ("email", customer.email, False)
    assert mail.obstacle.startswith("Do not contact: Unsubscribe")
    assert (sms.channel, sms.address, sms.open) == ("sms", "+12015550123", True)
    assert replies.obstacle(item=item, ways=[mail, sms]) == ""
    assert replies.obstacle(item=item, ways=[mail]) == "They cannot be reached."


def test_who_unsubscribed_is_not_replied_to(account, bob):
    customer = customer_of(account)
    suppressions.suppress(account=account, channel="all", reason="unsubscribe", source="recipient", customer=customer)
    with pytest.raises(Refused, match="Do not contact"):
        replies.send(item=item_from(account, customer), draft=words(), writer=bob.user)
    assert nothing_stored()


def test_a_reply_can_be_taken_back_until_it_leaves(account, bob):
    item = item_from(account, customer_of(account))
    reply = replies.send(item=item, draft=words(), writer=bob.user)
    replies.take_back(reply=reply, writer=bob.user)
    message = Message.objects.get(reply=reply)
    assert (message.state, message.reason) == ("cancelled", "Taken back before it left.")
    [line] = conversations.of_item(item=item)
    assert line.fate is not None
    assert (line.fate.told, line.fate.waiting) == ("Taken back", False)
    with pytest.raises(Refused, match="has left already"):
        replies.take_back(reply=reply, writer=bob.user)


def test_undo_takes_a_reply_back_while_it_waits_and_says_so_when_it_has_left(account, bob):
    item = item_from(account, customer_of(account))
    for state, restored in (("scheduled", 1), ("accepted", 0)):
        with undo.undoable(actor=bob.actor) as action:
            reply = replies.send(item=item, draft=words(), writer=bob.user)
        assert action.id is not None
        Message.objects.filter(reply=reply).update(state=state)
        undone = undo.undo(id=action.id, user=bob.user)
        assert (undone.restored, undone.skipped) == (restored, 1 - restored)
        item.refresh_from_db()
    assert [message.state for message in Message.objects.order_by("created_at")] == ["cancelled", "accepted"]
    assert item.version == 4


def test_a_reply_of_another_item_is_no_such_reply(account, bob):
    reply = replies.send(item=item_from(account, customer_of(account)), draft=words(), writer=bob.user)
    for id in (str(reply.pk), "nonsense"):
        with pytest.raises(NotFound):
            conversations.reply_for(item=item_from(account), id=id)


def test_the_conversation_is_read_by_two_queries_however_long(account, bob, django_assert_num_queries):
    item = item_from(account, customer_of(account))
    replies.send(item=item, draft=words("1"), writer=bob.user)
    with django_assert_num_queries(2):
        assert len(conversations.of_item(item=item)) == 1
    for number in (2, 3):
        replies.send(item=item, draft=words(str(number)), writer=bob.user)
    with django_assert_num_queries(2):
        assert [line.reply.body for line in conversations.of_item(item=item)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("channel", "waits"), [("email", False), ("sms", True)], ids=["a mail goes at any hour", "an sms waits for the day"]
)
def test_by_night(account, bob, channel, waits, monkeypatch):
    midnight = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
    monkeypatch.setattr("campaigns.domain.replies.timezone.now", lambda: midnight)
    customer = customer_of(account, mobile_number="+12015550123", time_zone="America/New_York")
    way = next(way for way in replies.ways_to(item=item_from(account, customer)) if way.channel == channel)
    assert way.open
    assert way.waits_until == (datetime(2026, 3, 10, 13, 0, tzinfo=UTC) if waits else None)
