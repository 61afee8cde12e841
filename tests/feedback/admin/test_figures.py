"""The page of figures, and its CSV."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Membership, User
from crm.models import Location
from feedback.models import FeedbackRecord
from tests.conftest import Person
from tests.feedback.domain.queries.test_metrics import answer

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:figures")


@pytest.fixture
def place(account: Account) -> Location:
    return Location.objects.create(account=account, name="=Main Street", country_code="US")


@pytest.fixture
def answers(account: Account, place: Location) -> list[FeedbackRecord]:
    now = timezone.now()
    return [
        answer(account, "nps", value, now - timedelta(days=days), place) for value, days in ((10, 0), (0, 1), (9, 95))
    ]


def read(person: Person, **asked: str) -> str:
    response = person.signed_in().get(PAGE, asked)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_a_figure_says_what_it_rests_on_and_leads_to_the_rows(alice: Person, answers: list[FeedbackRecord]):
    page = read(alice)
    assert re.search(r'hub-tile-number">\+0</span>\s+of <a href="([^"]+)">2 answers</a>, 95 %: -73 to 73', page)
    assert "No clear change" in page
    (link,) = re.findall(r'<a href="([^"]+)">2 answers</a>', page)
    rows = alice.signed_in().get(link).content.decode()
    assert [rows.count(str(each.pk)) > 0 for each in answers] == [True, True, False]


def test_a_chart_has_the_same_numbers_as_the_table_beside_it(alice: Person, answers: list[FeedbackRecord]):
    page = read(alice, days="30")
    chart = json.loads(re.findall(r'data-type="line" data-value="(.*?\]\}\]\}|.*?\}\]\})"', page)[0])
    assert [each["label"] for each in chart["datasets"]] == ["NPS", "95 %, low end", "95 %, high end"]
    assert chart["datasets"][0]["data"][-2:] == [-100.0, 100.0]
    assert len(chart["labels"]) == 30


def test_the_csv_has_a_row_for_each_figure_and_no_formulas(
    alice: Person, answers: list[FeedbackRecord], place: Location
):
    response = alice.signed_in().get(PAGE, {"format": "csv", "days": "90"})
    rows = [row for row in csv.DictReader(StringIO(response.content.decode())) if row["metric"] == "nps"]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["of"], row["n"], row["value"]) for row in rows if row["of"] in ("whole", "before")] == [
        ("whole", "2", "0.0"),
        ("before", "1", "100.0"),
    ]
    assert [(row["id"], row["name"]) for row in rows if row["of"] == "location"] == [(place.public_id, "'=Main Street")]


def test_nothing_answered_says_where_answers_come_from(alice: Person):
    assert "They come with feedback requests and by API." in read(alice)


def test_what_is_none_of_ours_is_as_if_it_were_not_given(alice: Person, charlie: Person, answers: list[FeedbackRecord]):
    theirs = Location.objects.create(account=charlie.account, name="Quokka", country_code="US")
    for asked in ({"days": "x"}, {"location": theirs.public_id}, {"source": "fax"}):
        page = read(alice, **asked)
        assert "2 answers" in page
        assert "Quokka" not in page


def test_bob_sees_them_and_charlie_does_not(
    bob: Person, charlie: Person, answers: list[FeedbackRecord], place: Location
):
    assert "2 answers" in read(bob)
    page = read(charlie, location=place.public_id)
    assert "2 answers" not in page
    assert "Main Street" not in page
    rows = list(csv.DictReader(StringIO(charlie.signed_in().get(PAGE, {"format": "csv"}).content.decode())))
    assert {(row["n"], row["of"]) for row in rows} == {("0", "whole"), ("0", "before"), ("0", "week")}


def test_one_account_at_a_time(alice: Person, other_account: Account):
    Membership.objects.create(account=other_account, user=alice.user, role="standard")
    assert "Choose an account" in read(alice)
    nobody = User.objects.create_user("lost@example.com")
    assert Person(nobody, other_account).signed_in().get(PAGE).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_with_one_place_and_with_three(
    alice: Person, account: Account, rows: int, django_assert_num_queries: Any
):
    for number in range(rows):
        place = Location.objects.create(account=account, name=f"Place {number}", country_code="US")
        answer(account, "nps", 10, timezone.now(), place, contract=("hub", "request", "review")[number])
    client = alice.signed_in()
    client.get(PAGE)
    with django_assert_num_queries(16):
        client.get(PAGE)
