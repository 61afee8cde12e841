"""Replies as messages: their words, their way through the sender, and what they do not count as."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.domain import links
from campaigns.domain import replies as postman
from campaigns.domain.queries import results
from campaigns.domain.sender import claim, run, subjects
from campaigns.models import FeedbackRequest, Message, SmsQuota
from crm.domain import suppressions, timeline
from crm.models import Customer, Location
from feedback.domain import replies
from feedback.domain.queries import conversations
from feedback.models import FeedbackItem
from feedbackhub.errors import Invalid
from tests.campaigns.asking import Scripted, ask, make_due, message_of, somebody
from tests.feedback.writing import item_from, words

pytestmark = pytest.mark.django_db


def send_due(provider: Scripted) -> None:
    for lease in claim.due(owner="test"):
        run.send(lease=lease, provider=provider)


def written(account, bob, **more) -> Message:
    item = item_from(account, somebody(account))
    return Message.objects.get(reply=replies.send(item=item, draft=words(**more), writer=bob.user))


def test_a_mail_says_the_words_who_wrote_them_what_they_answer_and_how_to_unsubscribe(account, bob):
    message = written(account, bob, body="We fixed <it>.")
    assert message.subject == "Your oven"
    assert message.text_body == (
        "We fixed <it>.\n\nBob\nAlice's Bakery\n\n"
        "You wrote:\n> The oven is cold\n\n--\n"
        f"Alice's Bakery, 1 Main Street, Springfield\nUnsubscribe: {links.unsubscribe_url(message)}\n"
    )
    assert "We fixed &lt;it&gt;." in message.html_body
    assert "The oven is cold" in message.html_body
    assert f"/u/{message.unsubscribe_token}" in message.html_body


def test_an_answer_by_mail_goes_to_the_account_or_to_the_writer(account, bob):
    assert written(account, bob).reply_to == "bob@example.com"
    account.reply_to = "hello@bakery.example"
    account.save()
    assert written(account, bob).reply_to == "hello@bakery.example"
    assert written(account, bob, answers_to="bob@example.com").reply_to == "bob@example.com"


def test_the_location_lends_its_name_and_address(account, bob):
    place = Location.objects.create(
        account=account, name="Mill", country_code="US", brand_name="The Mill", reply_to="mill@bakery.example"
    )
    item = item_from(account, somebody(account), location=place)
    message = Message.objects.get(reply=replies.send(item=item, draft=words(), writer=bob.user))
    assert (message.from_name, message.reply_to) == ("The Mill", "mill@bakery.example")
    assert "\nThe Mill\n" in message.text_body


def test_an_sms_is_signed_and_charged_by_its_segments(account, bob):
    message = written(account, bob, channel="sms")
    assert message.text_body == "We fixed the oven.\nBob, Alice's Bakery"
    assert (message.sms_segments, message.subject, message.html_body) == (1, "", "")
    make_due(message)
    send_due(Scripted())
    assert SmsQuota.objects.get(account=account).segments_used == 1


def test_an_sms_of_too_many_segments_is_refused(account, bob):
    with pytest.raises(Invalid, match="takes 33 SMS segments"):
        written(account, bob, channel="sms", body="x" * 5_000)
    assert not Message.objects.exists()


def test_it_waits_a_moment_then_leaves_by_the_sender(account, bob):
    message = written(account, bob)
    provider = Scripted()
    send_due(provider)
    assert (provider.sent, message.state) == ([], "scheduled")
    make_due(message)
    send_due(provider)
    message.refresh_from_db()
    assert message.state == "accepted"
    assert [(one.to, one.subject, one.reply_to) for one in provider.sent] == [
        (message.address, "Your oven", "bob@example.com")
    ]
    [line] = conversations.of_item(item=FeedbackItem.objects.get())
    assert line.fate is not None
    assert (line.fate.state, line.fate.told, line.fate.tone, line.fate.waiting) == (
        "accepted",
        "Accepted by the provider",
        "good",
        False,
    )


def test_who_unsubscribes_before_it_leaves_does_not_get_it(account, bob):
    message = written(account, bob)
    suppressions.suppress(
        account=account, channel="email", reason="unsubscribe", source="recipient", address=message.address
    )
    message.refresh_from_db()
    assert message.state == "suppressed"


def test_what_an_item_says_outlives_it_in_the_ledger(account, bob):
    message = written(account, bob)
    FeedbackItem.objects.all().delete()
    message.refresh_from_db()
    assert (message.reply, message.state) == (None, "scheduled")


def test_a_message_asks_or_replies_never_both(account, bob):
    asked, reply = message_of(ask(account)), written(account, bob)
    with pytest.raises(IntegrityError, match="message_asks_or_replies"), transaction.atomic():
        Message.objects.filter(pk=asked.pk).update(reply=reply.reply)


def test_a_reply_is_no_request_in_any_result(account, bob):
    message = written(account, bob)
    make_due(message)
    send_due(Scripted())
    assert not results.counted(FeedbackRequest.objects.all()).exists()


def test_a_campaign_waits_a_day_after_a_reply_but_was_not_asking(account, bob):
    message = written(account, bob)
    make_due(message)
    send_due(Scripted())
    asked = Message(account=account, customer=message.customer, channel="email", address=message.address)
    asked.campaign_step_id = 1
    later = timezone.now() + timedelta(hours=1)
    [subject] = subjects.load([asked], now=later)
    assert subject.last_sent is not None
    assert subject.last_sent_otherwise is None


def test_the_persons_timeline_tells_a_reply_once(account, bob):
    message = written(account, bob)
    entries = timeline.of_person(customer=message.customer, limit=20).entries
    found = [(entry.kind, entry.title, entry.detail) for entry in entries if entry.row == message]
    assert found == [("Reply", "E-mail by Bob: scheduled", "We fixed the oven.")]


def test_placeholders_are_filled_with_what_is_known_and_nothing_else(account, bob):
    customer = Customer(account=account, fname="Jane", sname="Doe")
    item = item_from(account, area="Kitchen")
    text = (
        "{{ customer.fname }} {{ customer.name }} {{ account.name }} {{ item.area }} {{ item.message }} {{ me.name }}"
    )
    filled = postman.fill(text=text, item=item, customer=customer, writer=bob.user)
    assert filled == "Jane Jane Doe Alice's Bakery Kitchen The oven is cold Bob"
    for wrong, said in (("{{ item.admin_note }}", "Unknown placeholder item.admin_note"), ("{{ x", "cannot be filled")):
        with pytest.raises(Invalid, match=said):
            postman.fill(text=wrong, item=item, customer=customer, writer=bob.user)


def test_every_placeholder_has_a_sample(account, bob):
    text = "".join(f"{{{{ {name} }}}}" for name in sorted(postman._names()))
    assert postman.fill(text=text, item=item_from(account), customer=Customer(account=account), writer=bob.user)
