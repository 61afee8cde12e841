"""Everything about one person, newest first, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.domain import actors
from campaigns.domain import requests, templates
from campaigns.models import FeedbackRequest, Message
from crm.domain import timeline
from crm.domain.timeline import Place
from crm.models import Customer, Location, Suppression
from feedback.domain import records, responses, thumbs
from feedback.domain.records import RecordDraft
from feedback.domain.thumbs import ThumbDraft
from feedback.models import FeedbackItem, FeedbackRecord, Reply, Response
from feedbackhub.ids import uuid7
from reviews.domain import reviews
from reviews.domain.reviews import ReviewDraft
from reviews.models import Platform, Review

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
BY = actors.SYSTEM
KINDS = [
    "Answer",
    "Customer",
    "Do not contact",
    "Item",
    "May be contacted",
    "Message",
    "Record",
    "Reply",
    "Request",
    "Review",
    "Thumb",
]


@pytest.fixture
def mia(account):
    """Somebody with an entry of every kind, all of one moment."""
    return with_everything(account, "mia@example.org")


def with_everything(account, email: str) -> Customer:
    home = Location.objects.create(account=account, name="Home", country_code="US")
    mia = Customer.objects.create(account=account, email=email)
    mia.locations.add(home)
    say(account, email, 1)
    responses.submit(account=account, kind="nps", score=3, comment="Cold", customer=mia, location=home, actor=BY, at=AT)
    FeedbackItem.objects.update(created_at=AT)
    platform, _ = Platform.objects.get_or_create(slug="site", name="Site")
    draft = ReviewDraft(platform=platform, rating=4)
    review = reviews.create(account=account, location=home, draft=draft, actor=BY)
    FeedbackRecord.objects.filter(pk=review.record_id).update(customer=mia)
    template = templates.create(
        account=account, name="Mail", channel="email", subject="Hi", body="<p>{{ link }}</p>", actor=BY
    )
    requests.create(account=account, customer=mia, template=template, actor=BY)
    reply_to(mia)
    Suppression.objects.create(
        account=account, customer=mia, channel="all", reason="opt_out", source="caller", lifted_at=AT
    )
    Suppression.objects.update(created_at=AT)
    for model in (Response, Customer):
        model.objects.update(created_at=AT)
    Review.objects.update(reviewed_at=AT)
    FeedbackRequest.objects.update(due_at=AT)
    Message.objects.update(due_at=AT, not_after=AT + timedelta(days=1))
    return mia


def reply_to(mia: Customer) -> None:
    item = FeedbackItem.objects.get(customer=mia)
    whose = {"account": item.account, "customer": mia, "channel": "email"}
    reply = Reply.objects.create(**whose, item=item, body="Warm again", author="user:x", author_name="Bob")
    times = dict.fromkeys(("due_at", "not_after", "next_try_at"), AT)
    Message.objects.create(**whose, reply=reply, address=mia.email, text_body="Warm again", **times)


def say(account, email: str, times: int) -> None:
    """Records and thumbs under the address, at one moment."""
    for number in range(times):
        draft = RecordDraft(
            contract=FeedbackRecord.Contract.HUB,
            submission_id=f"{email}-{FeedbackRecord.objects.count()}-{number}",
            source_type="survey",
            field_id="q",
            field_type="text",
            value_text="words",
            user_id=email,
            collected_at=AT,
        )
        records.create(account=account, draft=draft, actor=BY)
        liked = ThumbDraft(
            positive=False,
            message_id="m",
            created_at=AT,
            user_id=email,
            text="wrong",
            sent={"userProperties": {}, "details": "wrong"},
        )
        thumbs.log(account=account, draft=liked, actor=BY)


def test_every_kind_of_thing_is_told_once(mia):
    page = timeline.of_person(customer=mia, limit=50)
    assert ([entry.kind for entry in page.entries], page.next) == (KINDS, None)
    told = {entry.kind: (entry.title, entry.detail, entry.tone) for entry in page.entries}
    assert told["Thumb"] == ("Thumb down on an AI reply", "wrong", "bad")
    assert told["Record"] == ("q", "words", "plain")
    assert told["Answer"] == ("NPS 3 of 10", "Cold", "bad")
    assert told["Review"][0] == "★★★★☆ on Site"


def test_pages_go_on_where_the_last_one_ended_also_within_one_moment(account, mia):
    say(account, mia.email, 4)
    whole = timeline.of_person(customer=mia, limit=50).entries
    assert len(whole) == len(KINDS) + 8
    read, place = [], None
    for _ in range(len(whole)):
        page = timeline.of_person(customer=mia, limit=3, after=place)
        read += page.entries
        if page.next is None:
            break
        place = Place.parse(str(page.next))
        assert place == page.next
        # What comes meanwhile is newer and shifts nothing.
        later = AT + timedelta(days=1)
        Suppression.objects.create(
            account=account, customer=mia, channel="sms", reason="stop", source="staff", lifted_at=later
        )
    assert read == whole


@pytest.mark.parametrize("times", [1, 3])
def test_a_page_is_a_query_per_kind(account, mia, django_assert_num_queries, times):
    say(account, mia.email, times - 1)
    place = Place(AT + timedelta(days=1), "Item", str(uuid7()))
    for after in (None, place):
        with django_assert_num_queries(len(KINDS)):
            timeline.of_person(customer=mia, limit=3, after=after)


@pytest.mark.parametrize("text", ["", "x", "2026-01-31~Item~1", "~~", "now~Item~1", "2026-01-31T12:00:00~Item~1"])
def test_what_is_no_place_is_the_newest(text):
    assert Place.parse(text) is None


def test_a_place_that_no_row_has_breaks_nothing(mia):
    for id in ("x", "9" * 99, "0"):
        for kind in ("Item", "Request", "Thumb", "Nothing"):
            timeline.of_person(customer=mia, limit=3, after=Place(AT, kind, id))


def test_charlie_s_person_of_the_same_name_has_their_own(other_account, mia):
    his = with_everything(other_account, mia.email)
    hers = {(entry.kind, entry.row.pk) for entry in timeline.of_person(customer=mia, limit=50).entries if entry.row}
    his_rows = {(entry.kind, entry.row.pk) for entry in timeline.of_person(customer=his, limit=50).entries if entry.row}
    assert hers & his_rows == set()
