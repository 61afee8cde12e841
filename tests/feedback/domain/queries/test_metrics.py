"""Figures over stored answers: what counts, when a day begins, and what stays apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.models import Location
from feedback.domain import records
from feedback.domain.queries import handling, metrics
from feedback.domain.queries.metrics import Figure, Window
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackItem, FeedbackRecord
from feedbackhub.errors import Invalid

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
_numbers = count(1)


def answer(
    account: Account, kind: str, value: Any, at: datetime = NOON, location: Location | None = None, **more: Any
) -> FeedbackRecord:
    values = {"value_boolean": value} if isinstance(value, bool) else {"value_number": value}
    draft = {
        "contract": FeedbackRecord.Contract.HUB,
        "submission_id": f"s-{next(_numbers)}",
        "source_type": "survey",
        "field_id": "q",
        "field_type": kind,
        "collected_at": at,
        **values,
        **more,
    }
    record = records.create(account=account, draft=RecordDraft(**draft), actor=SYSTEM)
    if location is not None:
        FeedbackRecord.objects.filter(pk=record.pk).update(location=location)
    return record


def window(account: Account, first: date = date(2026, 3, 9), last: date = date(2026, 3, 15), **more: Any) -> Window:
    return Window(account, first, last, **{"step": "day", **more})


def measured(asked: Window) -> dict[str, Figure]:
    return {figure.metric.id: figure for figure in metrics.figures(window=asked)}


def told(asked: Window) -> dict[str, tuple[int, Any]]:
    return {id: (figure.score.n, figure.score.value) for id, figure in measured(asked).items()}


def test_every_metric_counts_its_own_kind_of_answer_and_nothing_beyond_its_scale(account: Account):
    for value in (10, 9, 8, 0, 11):
        answer(account, "nps", value)
    for value in (5, 4, 3, 1, 0):
        answer(account, "csat", value)
    for value in (7, 5, 4, 8):
        answer(account, "ces", value)
    answer(account, "boolean", True)  # a Hub's yes is neither happy nor a thumb
    answer(account, "boolean", True, contract="request")
    answer(account, "boolean", False, contract="inkeep")
    answer(account, "number", 9)

    assert told(window(account)) == {
        "nps": (4, 25.0),
        "csat": (4, 50.0),
        "ces": (3, 200 / 3),
        "stars": (0, None),
        "happy": (1, 100.0),
        "thumbs": (1, 0.0),
    }


def test_stars_are_brought_to_five_and_counted_by_the_star(account: Account):
    for value, scale in ((5, None), (4, 5), (8, 10), (1, 10), (6, 5)):
        answer(account, "rating", value, value_scale=scale)

    figure = measured(window(account))["stars"]

    assert (figure.score.formula, figure.score.n, figure.score.value) == ("stars_mean", 4, (5 + 4 + 4 + 0.5) / 4)
    assert metrics.star_counts(window=window(account)) == [1, 0, 0, 2, 1]


def test_a_day_begins_at_midnight_where_the_account_is(account: Account):
    Account.objects.update(time_zone="America/New_York")
    account.refresh_from_db()
    answer(account, "nps", 10, datetime(2026, 3, 9, 3, 59, tzinfo=UTC))  # the 8th, 23:59; the clocks went ahead
    answer(account, "nps", 9, datetime(2026, 3, 9, 4, 0, tzinfo=UTC))
    answer(account, "nps", 0, datetime(2026, 3, 16, 3, 59, tzinfo=UTC))
    answer(account, "nps", 0, datetime(2026, 3, 16, 4, 0, tzinfo=UTC))  # the 16th

    figure = measured(window(account))["nps"]

    assert (figure.score.n, figure.before.n) == (2, 1)
    assert [(day.day, score.n, score.value) for day, score in figure.series if score.n] == [
        (9, 1, 100.0),
        (15, 1, -100.0),
    ]
    assert len(figure.series) == 7


@pytest.mark.parametrize(
    ("step", "starts"),
    [
        ("week", [date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9)]),
        ("month", [date(2026, 2, 1), date(2026, 3, 1)]),
    ],
)
def test_a_series_has_every_step_and_the_last_is_cut(account: Account, step: str, starts: list[date]):
    answer(account, "nps", 10, datetime(2026, 3, 2, tzinfo=UTC))
    figure = measured(window(account, date(2026, 2, 27), date(2026, 3, 10), step=step))["nps"]
    assert [day for day, _ in figure.series] == starts
    assert [score.n for _, score in figure.series] == [int(day == starts[1]) for day in starts]


def test_a_change_is_told_when_chance_would_hardly_do_it(account: Account):
    for day, value in ((10, 10), (3, 0)):
        for _ in range(12):
            answer(account, "nps", value, datetime(2026, 3, day, tzinfo=UTC))
    change = measured(window(account))["nps"].change
    assert change is not None
    assert (change.value, change.changed) == (200.0, True)
    assert measured(window(account))["csat"].change is None


def test_places_and_sources_have_figures_of_their_own(account: Account):
    here = Location.objects.create(account=account, name="Here", country_code="US")
    there = Location.objects.create(account=account, name="There", country_code="US")
    answer(account, "nps", 10, location=here)
    answer(account, "nps", 0, location=here, contract="request")
    answer(account, "nps", 10, location=there)
    answer(account, "nps", 5)

    figure = measured(window(account))["nps"]
    assert [(group.id, group.name, group.score.n, group.score.value) for group in figure.locations] == [
        (here.public_id, "Here", 2, 0.0),
        (there.public_id, "There", 1, 100.0),
    ]
    assert [(group.id, group.score.n) for group in figure.sources] == [("hub", 3), ("request", 1)]
    assert told(window(account, location=here))["nps"] == (2, 0.0)
    assert told(window(account, location=here, source="request"))["nps"] == (1, -100.0)


def test_another_account_counts_nothing_of_it(account: Account, other_account: Account):
    answer(account, "nps", 10)
    FeedbackItem.objects.create(account=account, channel="product", message="x")
    today = metrics.today(other_account)
    assert told(window(other_account))["nps"] == (0, None)
    assert handling.handling(window=window(other_account, today, today)).made == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_figures_cost_three_queries_however_many_answers(account: Account, rows: int, django_assert_num_queries: Any):
    for number in range(rows):
        place = Location.objects.create(account=account, name=f"Place {number}", country_code="US")
        answer(account, "nps", 10, location=place, contract=("hub", "request", "review")[number])
    with django_assert_num_queries(3):
        metrics.figures(window=window(account))


def test_odd_windows_are_refused_by_name(account: Account):
    for bad, field in (
        ({"first": date(2026, 3, 16)}, "from"),
        ({"first": date(2020, 1, 1), "step": "month"}, "from"),
        ({"first": date(2025, 1, 1)}, "step"),
    ):
        with pytest.raises(Invalid) as refused:
            window(account, **bad)
        assert [problem.name for problem in refused.value.problems] == [field]


def test_how_soon_items_are_taken_up_and_closed(account: Account, django_assert_num_queries: Any):
    now = timezone.now()
    for hours, status in ((1, "closed"), (3, "closed"), (None, "new"), (2, "spam")):
        item = FeedbackItem.objects.create(account=account, channel="product", message="x")
        taken = item.created_at + timedelta(hours=hours) if hours else None
        closed = taken + timedelta(hours=1) if taken else None
        FeedbackItem.objects.filter(pk=item.pk).update(
            status=status,
            reviewed_at=taken,
            reviewed_by=taken and "user:1",
            closed_at=closed,
            closed_by=closed and "user:1",
        )
    answer(account, "nps", 1, now)
    day = metrics.today(account)

    with django_assert_num_queries(3):
        found = handling.handling(window=window(account, day, day))

    assert (found.made, found.open, found.response.n, found.resolution.n) == (3, 1, 2, 2)
    assert (found.response.median, found.resolution.median) == (timedelta(hours=2), timedelta(hours=3))
    assert found.response.p90 == timedelta(hours=2.8)
    assert (found.items, found.answers) == ([(day, 3)], [(day, 1)])
