"""What a digest says, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.test import override_settings

from accounts.domain import digests, mails
from accounts.models import Account, AccountMail
from feedback.domain import digest, duplicates, items, triage
from feedback.domain.items import ItemDraft
from feedback.models import FeedbackItem
from tests.accounts.factories import agency, client, member
from tests.conftest import Person
from tests.feedback.domain.rules.making import BY, store

pytestmark = pytest.mark.django_db
# A Tuesday.
NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _then() -> Any:
    backend = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    with backend, time_machine.travel(NOW, tick=False):
        yield


def item(account: Account, message: str, *, ago: timedelta = timedelta(hours=1), **values: Any) -> FeedbackItem:
    draft = ItemDraft(message=message, channel=FeedbackItem.Channel.PRODUCT)
    made = items.create(account=account, draft=draft, actor=BY)
    FeedbackItem.objects.filter(pk=made.pk).update(created_at=NOW - ago, **values)
    made.refresh_from_db()
    return made


def send() -> list[Any]:
    digests.plan()
    mails.send_due()
    return outbox.outbox


def test_it_says_what_is_new_theirs_and_late_and_how_the_scores_are(
    account: Account, alice: Person, bob: Person
) -> None:
    item(account, "Cold coffee & tea")
    item(account, "An old one", ago=timedelta(days=3), sla_due_at=NOW - timedelta(hours=1))
    triage.assign(item=item(account, "Hers", ago=timedelta(days=9)), assignee=alice.user, actor=BY)
    triage.set_status(item=item(account, "Buy crypto"), status="spam", actor=BY)
    for n, score in enumerate((10, 9, 3)):
        store(account, submission=f"s{n}", value_number=score, collected_at=NOW - timedelta(days=2))
    digests.choose(user=alice.user, every="workday", time_zone="UTC")

    (mail,) = send()
    assert (mail.to, mail.subject) == (["alice@example.com"], "1 new item, 1 overdue: feedback on 3 March")
    assert mail.body.splitlines()[:8] == [
        "Hello Alice,",
        "",
        "Alice's Bakery",
        "- 1 new item",
        "  Cold coffee & tea",
        "- 1 open item is yours",
        "- 1 overdue",
        "- NPS +33 of 3 answers in 7 days",
    ]
    ((html, kind),) = mail.alternatives
    assert (kind, "Cold coffee &amp; tea" in html, "crypto" in html + mail.body) == ("text/html", True, False)
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.extra_headers["List-Unsubscribe"].strip("<>") in mail.body


def test_nothing_to_say_no_mail_and_not_asked_again(account: Account, alice: Person) -> None:
    item(account, "An old one", ago=timedelta(days=3))
    digests.choose(user=alice.user, every="workday", time_zone="UTC")
    assert (send(), send()) == ([], [])
    row = AccountMail.objects.get()
    assert (row.sent_at, row.given_up_at is not None, row.problem) == (None, True, "There is nothing to say.")


def test_it_comes_once(account: Account, alice: Person) -> None:
    item(account, "Cold")
    digests.choose(user=alice.user, every="workday", time_zone="UTC")
    send()
    assert len(send()) == 1


def test_whoever_ends_them_before_it_is_sent_gets_none(account: Account, alice: Person) -> None:
    item(account, "Cold")
    digests.choose(user=alice.user, every="workday", time_zone="UTC")
    digests.plan()
    digests.end(user=alice.user)
    mails.send_due()
    assert outbox.outbox == []


def test_only_what_the_reader_may_see(account: Account, alice: Person, charlie: Person) -> None:
    item(account, "Hers alone")
    assert [part.account for part in digest.of(user=alice.user, since=NOW - timedelta(days=1))] == [account]
    assert digest.of(user=charlie.user, since=NOW - timedelta(days=1)) == []


def test_what_repeats_another_item_is_told_of_in_that_one(account: Account, alice: Person) -> None:
    first, second = item(account, "Cold"), item(account, "Cold again")
    for each in (first, second):
        triage.assign(item=each, assignee=alice.user, actor=BY)
    duplicates.merge(item=second, into=first, actor=BY)
    (part,) = digest.of(user=alice.user, since=NOW - timedelta(days=1))
    assert (part.new, part.mine, part.overdue, part.newest) == (1, 1, 0, [first])


def test_an_agencys_people_read_of_its_clients() -> None:
    boss = agency()
    shop = client(boss)
    item(shop, "Cold")
    owner = member(boss, "boss@example.com", "owner")
    (part,) = digest.of(user=owner, since=NOW - timedelta(days=1))
    assert (part.account, part.new) == (shop, 1)


def test_somebody_who_left_reads_nothing(account: Account, alice: Person) -> None:
    item(account, "Cold")
    alice.user.is_active = False
    assert digest.of(user=alice.user, since=NOW - timedelta(days=1)) == []
