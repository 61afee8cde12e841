"""Replying from an item's page, what comes back when it fails, and who else has the page open."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from campaigns.models import Message
from crm.domain import suppressions
from feedback.domain import presence, replies, triage
from feedback.models import FeedbackItem, ItemNote, Reply
from tests.feedback.admin.test_item_page import do, page
from tests.feedback.writing import customer_of, item_from, words


@pytest.fixture
def item(account):
    return item_from(account, customer_of(account, email="mia@example.org", mobile_number="+12015550123"))


def test_a_reply_is_sent_shown_and_taken_back(item, bob):
    his = bob.signed_in()
    sent = {"channel": "email", "subject": "Your oven", "token": uuid.uuid4(), "version": 1}
    text = do(his, item, "reply", "We <b>fixed</b> it.", **sent)
    assert "The reply leaves by E-mail in a moment." in text
    assert "We &lt;b&gt;fixed&lt;/b&gt; it." in text
    assert "On its way" in text
    reply = Reply.objects.get(item=item)
    assert "Taken back: it is not sent." in do(his, item, "unsend", str(reply.pk), version=item.version)
    assert Message.objects.get(reply=reply).state == "cancelled"


def test_sending_the_form_twice_is_one_reply(item, bob):
    sent = {"channel": "sms", "token": uuid.uuid4(), "version": 1}
    for _ in range(2):
        do(bob.signed_in(), item, "reply", "Fixed.", **sent)
    assert (Reply.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"allow_contact": False}, "They did not say that they may be contacted about this."),
        ({"customer": None}, "Nobody knows who said this"),
    ],
)
def test_the_page_says_beforehand_why_no_reply_can_be_sent(item, alice, fields, said):
    FeedbackItem.objects.filter(pk=item.pk).update(**fields)
    text = alice.signed_in().get(page(item)).content.decode()
    assert said in text
    assert "Send reply" not in text


def test_a_channel_that_is_shut_is_named_with_the_reason(item, alice, account):
    suppressions.suppress(
        account=account, channel="email", reason="unsubscribe", source="recipient", address="mia@example.org"
    )
    text = alice.signed_in().get(page(item)).content.decode()
    assert "Not by E-mail to mia@example.org: Do not contact: Unsubscribe (Recipient)." in text
    assert "By SMS to +12015550123." in text


def test_the_form_says_where_an_answer_goes(item, alice, account):
    account.reply_to = "hello@bakery.example"
    account.save()
    text = alice.signed_in().get(page(item)).content.decode()
    assert "<option>hello@bakery.example</option><option>alice@example.com</option>" in text
    assert "Answers do not come here" in text


@pytest.mark.parametrize(
    ("verb", "more"),
    [("note", {}), ("area", {}), ("issue", {}), ("reply", {"channel": "email", "subject": "Sub&ject"})],
)
def test_what_was_typed_comes_back_when_somebody_was_faster(item, alice, bob, verb, more):
    triage.set_status(item=FeedbackItem.objects.get(pk=item.pk), status="closed", actor=bob.actor)
    path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, verb])
    response = alice.signed_in().post(path, {"value": "https://typed.example/", "version": 1, **more})
    text = response.content.decode()
    assert response.status_code == 409
    assert "Bob changed this item while you were looking at it." in text
    assert "https://typed.example/" in text
    assert 'name="version" value="2"' in text
    assert ("Sub&amp;ject" in text) == (verb == "reply")
    assert (ItemNote.objects.count(), Reply.objects.count()) == (0, 0)


def test_every_form_that_changes_the_item_says_what_it_showed(item, alice):
    text = alice.signed_in().get(page(item)).content.decode()
    forms = [part.partition("</form>")[0] for part in text.split("<form ")[1:] if "/do/" in part.partition(">")[0]]
    assert len(forms) >= 7
    assert [form[:120] for form in forms if 'name="version"' not in form] == []


def restricted(account) -> Client:
    user = User.objects.create_user("rita@example.com", name="Rita")
    Membership.objects.create(account=account, user=user, role="restricted")
    client = Client()
    client.force_login(user)
    return client


def test_a_restricted_person_reads_the_conversation_but_writes_to_nobody(item, account, bob):
    replies.send(item=item, draft=words(), writer=bob.user)
    hers = restricted(account)
    text = hers.get(page(item)).content.decode()
    assert "We fixed the oven." in text
    assert "mia@example.org" not in text
    path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, "reply"])
    assert hers.post(path, {"value": "x", "channel": "email", "subject": "x"}).status_code == 403
    unsend = reverse("admin:feedback_feedbackitem_do", args=[item.pk, "unsend"])
    assert hers.post(unsend, {"value": str(Reply.objects.get().pk)}).status_code == 403
    assert Reply.objects.count() == 1


def test_a_reply_of_another_accounts_item_cannot_be_taken_back(item, other_account, charlie, bob):
    reply = replies.send(item=item, draft=words(), writer=bob.user)
    his_item = item_from(other_account)
    path = reverse("admin:feedback_feedbackitem_do", args=[his_item.pk, "unsend"])
    text = charlie.signed_in().post(path, {"value": str(reply.pk)}, follow=True).content.decode()
    assert "There is no such reply." in text
    assert Message.objects.get(reply=reply).state == "scheduled"


# --- Who else is here ---


def beat(client: Client, item: FeedbackItem, **said: object) -> dict[str, object]:
    response = client.post(reverse("admin:feedback_feedbackitem_presence", args=[item.pk]), {"version": 1, **said})
    assert response.status_code == 200
    found: dict[str, object] = response.json()
    return found


def test_two_who_have_it_open_hear_of_each_other(item, alice, bob):
    assert "has this open" not in alice.signed_in().get(page(item)).content.decode()
    assert "Alice has this open." in bob.signed_in().get(page(item)).content.decode()
    hers, his = alice.signed_in(), bob.signed_in()
    assert beat(hers, item, replying="1") == {"others": ["Bob has this open."], "changed": ""}
    assert beat(his, item)["others"] == ["Alice has this open and is writing a reply."]
    assert beat(hers, item, gone="1") == {}
    assert beat(his, item)["others"] == []


def test_the_page_hears_that_somebody_changed_it_or_replied(item, alice, bob):
    hers = alice.signed_in()
    replies.send(item=FeedbackItem.objects.get(pk=item.pk), draft=words(), writer=bob.user)
    assert beat(hers, item)["changed"] == "Bob changed this 0 s ago."
    assert beat(hers, item, version=2)["changed"] == ""


def test_charlie_hears_nothing_of_who_is_where(item, alice, charlie, other_account):
    presence.here(item=item, user=alice.user)
    address = reverse("admin:feedback_feedbackitem_presence", args=[item.pk])
    assert charlie.signed_in().post(address, {"version": 1}).status_code == 404
    assert beat(charlie.signed_in(), item_from(other_account))["others"] == []
    assert alice.signed_in().get(address).status_code == 405


# Session, user, the roles (2), the item.
def test_a_beat_costs_the_same_however_many_are_here(item, alice, bob, django_assert_num_queries):
    hers = alice.signed_in()
    with django_assert_num_queries(5):
        beat(hers, item)
    presence.here(item=item, user=bob.user)
    with django_assert_num_queries(5):
        beat(hers, item)
