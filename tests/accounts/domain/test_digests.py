"""Who gets a digest when, and ending them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.domain import digests
from accounts.models import AccountMail, DigestChoice
from feedbackhub.errors import Invalid, NotFound
from tests.conftest import Person

pytestmark = pytest.mark.django_db
VIENNA = "Europe/Vienna"
# A Monday; in Vienna it is an hour later until 29 March.
MONDAY_SEVEN = datetime(2026, 3, 2, 6, 59, tzinfo=UTC)
MONDAY_EIGHT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)


def planned() -> list[tuple[str, date | None]]:
    return list(AccountMail.objects.filter(kind="digest").order_by("pk").values_list("email", "day"))


def test_it_is_put_down_once_a_day_at_eight_where_the_person_is(alice: Person) -> None:
    digests.choose(user=alice.user, every="workday", time_zone=VIENNA)
    assert [digests.plan(now=now) for now in (MONDAY_SEVEN, MONDAY_EIGHT, MONDAY_EIGHT)] == [0, 1, 0]
    assert planned() == [("alice@example.com", date(2026, 3, 2))]
    assert [digests.plan(now=now) for now in (TUESDAY, SATURDAY)] == [1, 0]


def test_a_weekly_one_comes_on_mondays(alice: Person) -> None:
    digests.choose(user=alice.user, every="week", time_zone=VIENNA)
    assert [digests.plan(now=now) for now in (MONDAY_EIGHT, TUESDAY, SATURDAY)] == [1, 0, 0]


@pytest.mark.parametrize("off", ["never", "left"])
def test_whoever_wants_none_or_left_gets_none(alice: Person, off: str) -> None:
    digests.choose(user=alice.user, every="never" if off == "never" else "workday", time_zone="UTC")
    alice.user.is_active = off != "left"
    alice.user.save()
    assert digests.plan(now=TUESDAY) == 0


def test_one_a_day_by_constraint(alice: Person) -> None:
    digests.choose(user=alice.user, every="workday", time_zone="UTC")
    digests.plan(now=TUESDAY)
    row = AccountMail.objects.get()
    with pytest.raises(IntegrityError, match="digest_once_a_day"), transaction.atomic():
        AccountMail.objects.create(
            kind="digest", email="x@example.com", user=row.user, day=row.day, next_try_at=timezone.now()
        )


@pytest.mark.parametrize("values", [{"user": None}, {"day": None}])
def test_a_digest_is_somebodys_of_a_day_by_constraint(alice: Person, values: dict[str, Any]) -> None:
    given = {"kind": "digest", "email": "a@example.com", "user": alice.user, "day": date(2026, 3, 2), **values}
    with pytest.raises(IntegrityError, match="account_mail_kind_fits"), transaction.atomic():
        AccountMail.objects.create(next_try_at=timezone.now(), **given)


@pytest.mark.parametrize(
    ("every", "day", "begin"),
    [
        ("workday", date(2026, 3, 3), datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("workday", date(2026, 3, 2), datetime(2026, 2, 27, 7, tzinfo=UTC)),
        ("week", date(2026, 3, 2), datetime(2026, 2, 23, 7, tzinfo=UTC)),
        # The clocks went forward on the day before.
        ("workday", date(2026, 3, 30), datetime(2026, 3, 27, 7, tzinfo=UTC)),
    ],
)
def test_it_tells_of_the_time_since_the_one_before(every: str, day: date, begin: datetime) -> None:
    assert digests.begin_of(DigestChoice(every=every, time_zone=VIENNA), day) == begin


def test_a_choice_that_makes_no_sense_is_refused(alice: Person) -> None:
    with pytest.raises(Invalid) as caught:
        digests.choose(user=alice.user, every="hourly", time_zone="Mars/Base")
    assert [problem.name for problem in caught.value.problems] == ["every", "time_zone"]
    assert DigestChoice.objects.count() == 0


class TestEndingThem:
    def test_the_link_shows_and_its_button_ends_them(self, alice: Person, client: Any) -> None:
        digests.choose(user=alice.user, every="week", time_zone="UTC")
        link = reverse("digest_stop", args=[digests.token_of(alice.user)])
        assert "Every Monday" in client.get(link).content.decode()
        assert digests.choice_of(alice.user).every == "week"
        assert "no more digests" in client.post(link, {"List-Unsubscribe": "One-Click"}).content.decode()
        assert digests.choice_of(alice.user).every == "never"

    def test_a_link_that_was_made_up_leads_nowhere(self, alice: Person, client: Any) -> None:
        digests.choose(user=alice.user, every="week", time_zone="UTC")
        assert client.post(reverse("digest_stop", args=["made-up"])).status_code == 404
        assert digests.choice_of(alice.user).every == "week"
        with pytest.raises(NotFound):
            digests.user_by_token(digests.token_of(alice.user)[:-1])
