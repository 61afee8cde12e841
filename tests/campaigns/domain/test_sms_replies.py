"""STOP, START and HELP: by number, with evidence, once."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import rules, sms_replies, unsubscribing
from campaigns.domain.sms_replies import Incoming
from campaigns.models import SenderStop, SmsReply
from crm.domain import suppressions
from crm.models import Customer, Suppression
from feedback.domain import duplicates
from feedback.models import FeedbackItem
from feedbackhub.errors import Refused
from tests.campaigns.asking import ask, message_of, somebody
from tests.conftest import Person

pytestmark = pytest.mark.django_db

NUMBER, OURS = "+12015550123", "+15005550006"
ids = count(1)


@pytest.fixture
def jane(account: Account) -> Customer:
    return somebody(account, mobile_number=NUMBER)


def write(text: str, **more: Any) -> str:
    given = {"provider": "twilio", "event_id": f"SM{next(ids)}", "sender": OURS, "address": NUMBER, "text": text}
    return sms_replies.receive(Incoming(**{**given, **more}))


def standing() -> list[tuple[str, str, str]]:
    rows = Suppression.objects.standing().order_by("account", "pk")
    return list(rows.values_list("account__name", "channel", "reason"))


def test_a_stop_ends_everything_and_says_so_once(account: Account, jane: Customer):
    waiting = message_of(ask(account, "sms", customer=jane))
    mail = message_of(ask(account, customer=jane))
    assert write("Stop.") == (
        "Alice's Bakery: You are unsubscribed and will get no more messages. Reply START to undo."
    )
    for message in (waiting, mail):
        message.refresh_from_db()
    assert (waiting.state, mail.state) == ("suppressed", "suppressed")
    row = Suppression.objects.get()
    assert (row.channel, row.reason, row.source, row.address, row.customer) == (
        "all",
        "stop",
        "recipient",
        NUMBER,
        jane,
    )
    assert {name: row.evidence[name] for name in ("sender", "from", "text", "provider")} == {
        "sender": OURS,
        "from": NUMBER,
        "text": "Stop.",
        "provider": "twilio",
    }
    assert write("STOP") == ""
    assert SmsReply.objects.count() == 2


def test_the_same_message_delivered_twice_counts_once(jane: Customer):
    assert write("stop", event_id="SM-a") != ""
    assert write("stop", event_id="SM-a") == ""
    assert SmsReply.objects.count() == 1


def test_an_account_may_let_a_stop_end_only_sms(account: Account, alice: Person, jane: Customer):
    rules.save(account=account, changes={"opt_out_scope": "channel"}, actor=alice.actor)
    write("STOP")
    assert standing() == [("Alice's Bakery", "sms", "stop")]
    assert message_of(ask(account, customer=jane)).state == "scheduled"


def test_everybody_who_sends_by_the_number_is_stopped_also_later(
    account: Account, other_account: Account, jane: Customer
):
    somebody(other_account, mobile_number=NUMBER, email=None)
    said = write("STOP")
    assert standing() == [("Alice's Bakery", "all", "stop"), ("Charlie's Garage", "all", "stop")]
    # Naming one of several businesses would be wrong.
    assert said.startswith("Feedback requests: You are unsubscribed")
    assert sms_replies.is_stopped(sender=OURS, address=NUMBER)
    assert not sms_replies.is_stopped(sender="+15005550007", address=NUMBER)


def test_a_stop_to_an_accounts_own_number_concerns_nobody_else(
    account: Account, other_account: Account, jane: Customer
):
    somebody(other_account, mobile_number=NUMBER, email=None)
    write("STOP", owner=other_account, sender="+15005550007", provider="twilio@x")
    assert standing() == [("Charlie's Garage", "all", "stop")]


def test_start_undoes_only_what_a_stop_made(account: Account, jane: Customer):
    write("STOP")
    message = message_of(ask(other := _another(account), customer=somebody(other)))
    suppressions.suppress(
        account=account, channel="all", reason="unsubscribe", source="recipient", address=NUMBER, customer=jane
    )
    assert write("START") == "Alice's Bakery: You can get requests for feedback again. Reply STOP to end them."
    assert standing() == [("Alice's Bakery", "all", "unsubscribe")]
    lifted = Suppression.objects.get(reason="stop")
    assert (lifted.lift_evidence["text"], lifted.evidence["text"]) == ("START", "STOP")
    assert not SenderStop.objects.filter(lifted_at=None).exists()
    assert message.state == "scheduled"


def _another(account: Account) -> Account:
    return Account.objects.create(name="Another", postal_address=account.postal_address)


def test_a_start_to_another_number_undoes_nothing(jane: Customer):
    write("STOP")
    assert write("START", sender="+15005550007") == ""
    assert standing() == [("Alice's Bakery", "all", "stop")]


def test_a_start_undoes_a_stop_that_only_the_carrier_told_of(account: Account, jane: Customer):
    suppressions.suppress(
        account=account, channel="sms", reason="stop", source="recipient", address=NUMBER, evidence={"attempt": "x"}
    )
    assert write("UNSTOP") != ""
    assert standing() == []


def test_a_yes_that_undoes_nothing_is_words(account: Account, jane: Customer):
    ask(account, "sms", customer=jane)
    assert write("Yes") == ""
    assert SmsReply.objects.get().reading == "words"


def test_help_says_who_we_are_and_how_to_end_it(account: Account, jane: Customer):
    ask(account, "sms", customer=jane)
    assert write("help") == ("Alice's Bakery: Requests for feedback after a visit or purchase. Reply STOP to end them.")
    assert standing() == []


def test_words_go_to_whoever_wrote_last(account: Account, other_account: Account, jane: Customer):
    ask(account, "sms", customer=jane)
    somebody(other_account, mobile_number=NUMBER, email=None)
    assert write("The soup was cold") == ""
    assert list(SmsReply.objects.values_list("account__name", "text", "reading")) == [
        ("Alice's Bakery", "The soup was cold", "words")
    ]


def test_a_doubtful_wish_counts_until_somebody_has_read_it(account: Account, alice: Person, jane: Customer):
    assert write("can you stop by tomorrow") == ""
    assert standing() == [("Alice's Bakery", "all", "stop")]
    assert FeedbackItem.objects.get().message == "can you stop by tomorrow"
    reply = SmsReply.objects.get()
    sms_replies.judge(reply=reply, opt_out=False, actor=alice.actor)
    reply.refresh_from_db()
    assert (standing(), reply.reading, reply.judged_by) == ([], "words", alice.actor.code)
    assert not sms_replies.is_stopped(sender=OURS, address=NUMBER)
    with pytest.raises(Refused):
        sms_replies.judge(reply=reply, opt_out=False, actor=alice.actor)


def test_a_doubtful_wish_stays_in_the_inbox_whatever_was_merged(account: Account, alice: Person, jane: Customer):
    words = "can you stop by tomorrow"
    root, copy = (FeedbackItem.objects.create(account=account, channel="product", message=words) for _ in range(2))
    duplicates.merge(item=copy, into=root, actor=alice.actor)
    write(words)
    assert FeedbackItem.objects.get(area="Opt-out by SMS?").duplicate_of is None


def test_a_doubtful_wish_that_was_one_stays(alice: Person, jane: Customer):
    write("never text me again, ok")
    sms_replies.judge(reply=SmsReply.objects.get(), opt_out=True, actor=alice.actor)
    assert (standing(), SmsReply.objects.get().reading) == ([("Alice's Bakery", "all", "stop")], "stop")


def test_a_stop_from_nobody_we_know_is_kept_for_the_number(account: Account):
    assert write("STOP") != ""
    assert (standing(), SmsReply.objects.count(), sms_replies.is_stopped(sender=OURS, address=NUMBER)) == ([], 0, True)


def test_no_caller_undoes_a_stop_and_staff_only_an_unsubscribe_with_proof(
    account: Account, alice: Person, jane: Customer
):
    write("STOP")
    stop = Suppression.objects.get()
    with pytest.raises(Refused):
        suppressions.opt_in(customer=jane, actor=SYSTEM)
    with pytest.raises(Refused):
        suppressions.record_consent(row=stop, words="She signed a form on 3 May.", actor=alice.actor)
    unsubscribing.unsubscribe(message=message_of(ask(other := _another(account), customer=somebody(other))), how="page")
    row = Suppression.objects.get(reason="unsubscribe")
    with pytest.raises(Refused):
        suppressions.take_back(row=row, actor=alice.actor)
    suppressions.record_consent(row=row, words="She signed a form on 3 May.", actor=alice.actor)
    row.refresh_from_db()
    assert row.lift_evidence == {"actor": alice.actor.code, "consent": "She signed a form on 3 May."}
    assert standing() == [("Alice's Bakery", "all", "stop")]
