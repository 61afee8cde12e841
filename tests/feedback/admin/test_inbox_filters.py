"""The inbox's filters, search, order and columns, and what a row says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.domain import actors
from accounts.models import Membership, User
from crm.models import Customer
from feedback.domain import labels, records, responses, triage
from feedback.domain.queries import inbox_rows
from feedback.domain.records import RecordDraft
from feedback.models import Band, Evidence, FeedbackItem, FeedbackRecord

INBOX = reverse("admin:feedback_feedbackitem_changelist")


@pytest.fixture
def make(account):
    def make(message: str, **fields: Any) -> FeedbackItem:
        return FeedbackItem.objects.create(account=account, channel="product", message=message, **fields)

    return make


@pytest.fixture
def answer(account):
    def answer(field_type: str, **value: Any) -> FeedbackRecord:
        draft = RecordDraft(
            contract=FeedbackRecord.Contract.HUB,
            submission_id=f"{FeedbackRecord.objects.count()}",
            source_type="survey",
            field_id="q",
            field_type=field_type,
            **value,
        )
        return records.create(account=account, draft=draft, actor=actors.SYSTEM)

    return answer


def text_of(client: Any, **asked: Any) -> str:
    return client.get(INBOX, {"tab": "all"} | asked).content.decode()


def listed(client: Any, **asked: Any) -> list[str]:
    found = re.findall(r'<a class="hub-row-words"[^>]*>(.*?)</a>', text_of(client, **asked))
    return [re.sub(r"<span.*</span>", "", words) for words in found]


@pytest.mark.parametrize(
    ("field_type", "value", "band"),
    [
        ("nps", {"value_number": 6}, Band.BAD),
        ("nps", {"value_number": 7}, Band.NEUTRAL),
        ("nps", {"value_number": 9}, Band.GOOD),
        ("csat", {"value_number": 3}, Band.BAD),
        ("csat", {"value_number": 4}, Band.GOOD),
        ("ces", {"value_number": 3}, Band.BAD),
        ("ces", {"value_number": 4}, Band.NEUTRAL),
        ("ces", {"value_number": 5}, Band.GOOD),
        ("rating", {"value_number": 3}, Band.BAD),
        ("rating", {"value_number": 7, "value_scale": 10}, Band.NEUTRAL),
        ("rating", {"value_number": 8, "value_scale": 10}, Band.GOOD),
        ("boolean", {"value_boolean": False}, Band.BAD),
        ("boolean", {"value_boolean": True}, Band.GOOD),
        ("text", {"value_text": "x"}, None),
        ("number", {"value_number": 1}, None),
    ],
)
def test_evidence_gives_an_item_its_band(make, answer, field_type, value, band):
    item = make("one")
    Evidence.objects.create(item=item, record=answer(field_type, **value))
    item.refresh_from_db()
    assert (item.score_band, item.version) == (band, 1)


def test_the_worst_answer_decides_and_the_band_follows_what_comes_goes_and_is_corrected(make, answer):
    item = make("one")
    good, bad = answer("nps", value_number=10), answer("rating", value_number=1)
    Evidence.objects.create(item=item, record=good)
    row = Evidence.objects.create(item=item, record=bad)
    item.refresh_from_db()
    assert item.score_band == Band.BAD
    FeedbackRecord.objects.filter(pk=bad.pk).update(value_number=5)
    item.refresh_from_db()
    assert item.score_band == Band.GOOD
    FeedbackRecord.objects.filter(pk=bad.pk).update(value_number=1)
    row.delete()
    item.refresh_from_db()
    assert item.score_band == Band.GOOD


def test_item_score_band(make):
    with pytest.raises(IntegrityError, match="item_score_band"):
        make("one", score_band=4)


def test_filters_by_area_label_score_and_sentiment(make, answer, account, alice):
    kitchen = make("kitchen", area="Kitchen", type="praise")
    shop = make("shop", area="Shop", type="bug")
    other = make("other")
    Evidence.objects.create(item=shop, record=answer("nps", value_number=10))
    label = labels.create(account=account, name="Refund", actor=alice.actor)
    labels.add(item=other, label=label, actor=alice.actor)
    hers = alice.signed_in()
    assert listed(hers, area="Kitchen") == [kitchen.message]
    assert listed(hers, label=label.pk) == [other.message]
    assert listed(hers, label="none") == ["shop", "kitchen"]
    assert listed(hers, score="good") == ["shop"]
    assert listed(hers, score="none") == ["other", "kitchen"]
    assert listed(hers, mood="good") == ["shop", "kitchen"]  # one by its score, one by its type
    assert listed(hers, mood="neutral") == ["other"]
    assert listed(hers, mood="bad") == []


def test_every_type_has_a_mood_and_one_only():
    named = [each for types in inbox_rows.MOOD_OF_TYPE.values() for each in types]
    assert sorted(named) == sorted(FeedbackItem.Type.values)


@pytest.mark.parametrize("asked", [{"label": "x"}, {"label": "0"}, {"score": "x"}, {"mood": "x"}, {"area": "None"}])
def test_what_no_menu_holds_finds_nothing(make, alice, asked):
    make("one")
    assert listed(alice.signed_in(), **asked) == []


def test_another_accounts_label_finds_nothing(make, other_account, alice, charlie):
    theirs = labels.create(account=other_account, name="Theirs", actor=charlie.actor)
    make("one")
    text = text_of(alice.signed_in(), label=theirs.pk)
    assert ("Theirs" in text, "hub-row-words" in text) == (False, False)


def test_search_finds_ids_issues_and_people(make, account, alice):
    mia = Customer.objects.create(account=account, fname="Mia", sname="Kovac", email="mia@example.org")
    one = make("one", customer=mia)
    make("two", external_issue_url="https://issues.example.com/FERN-7", area="Kitchen")
    hers = alice.signed_in()
    assert listed(hers, q=str(one.pk)) == ["one"]
    assert listed(hers, q=mia.public_id) == ["one"]
    assert listed(hers, q="FERN-7") == ["two"]
    assert listed(hers, q="kitchen fern") == ["two"]
    assert listed(hers, q="kitchen kovac") == []
    assert listed(hers, q="00000000-0000-0000-0000-000000000000") == []


def test_whoever_may_not_see_customers_finds_none_by_search(make, account):
    mia = Customer.objects.create(account=account, fname="Mia", sname="Kovac", email="mia@example.org")
    make("one", customer=mia)
    user = User.objects.create_user("rita@example.com", name="Rita")
    Membership.objects.create(account=account, user=user, role="restricted")
    client = Client()
    client.force_login(user)
    assert (listed(client, q="kovac"), listed(client, q="one")) == ([], ["one"])


def test_the_order_can_be_chosen(make, alice):
    first, _second = make("first"), make("second")
    triage.set_type(item=first, type="bug", actor=alice.actor)
    hers = alice.signed_in()
    assert listed(hers) == listed(hers, sort="nonsense") == ["second", "first"]
    assert listed(hers, sort="oldest") == ["first", "second"]
    triage.set_area(item=first, area="x", actor=alice.actor)
    assert FeedbackItem.objects.order_by("-updated_at").first() == first
    assert listed(hers, sort="changed") == ["first", "second"]


def test_the_columns_can_be_chosen_and_stay_with_the_search(make, alice):
    make("one", area="Kitchen", type="bug")
    hers = alice.signed_in()
    row = re.compile(r'<div class="hub-row-meta">(.*?)</div>', re.S)
    whole, narrow = text_of(hers), text_of(hers, cols=["area"])
    assert [part in row.findall(whole)[0] for part in ("Kitchen", "Bug", "In-app")] == [True, True, True]
    assert [part in row.findall(narrow)[0] for part in ("Kitchen", "Bug", "In-app")] == [True, False, False]
    assert narrow.count('<input type="hidden" name="cols" value="area">') == 2  # the search's and the filters'


def test_a_row_says_what_matters(make, answer, account, alice, bob):
    item = make("one", type="complaint", assignee=bob.user)
    make("again", duplicate_of=item)
    Evidence.objects.create(item=item, record=answer("nps", value_number=2))
    label = labels.create(account=account, name="Refund", actor=alice.actor)
    labels.add(item=item, label=label, actor=alice.actor)
    triage.add_note(item=item, body="x", actor=alice.actor)
    text = text_of(alice.signed_in(), sort="oldest")
    first = text[text.index('class="hub-row ') : text.index("</li>", text.index('class="hub-row '))]
    for part in ("New: ", "Complaint", "NPS 2 of 10", "Refund", "Said 2 times", "1 note", "Assigned to Bob"):
        assert part in first, part


def test_the_score_shown_is_the_worst(make, answer, alice):
    item = make("one")
    for record in (answer("nps", value_number=9), answer("rating", value_number=1), answer("text", value_text="x")):
        Evidence.objects.create(item=item, record=record)
    response = responses.submit(account=item.account, kind="nps", score=8, actor=alice.actor)
    Evidence.objects.create(item=item, record=response.score)
    assert inbox_rows.facts_of(items=[item])[item.pk].score == "★☆☆☆☆"


@pytest.mark.parametrize(("columns", "queries"), [((), 1), (inbox_rows.ALL_COLUMNS, 4)])
def test_the_facts_of_one_row_and_of_three_cost_the_same(make, alice, columns, queries, django_assert_num_queries):
    items = [make(str(number)) for number in range(3)]
    for item in items:
        triage.add_note(item=item, body="x", actor=alice.actor)
    for part in (items[:1], items):
        with django_assert_num_queries(queries):
            inbox_rows.facts_of(items=part, columns=columns)
