"""Targets and hours in the console, and the clock on an item."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from feedback.domain import items
from feedback.domain.items import ItemDraft
from feedback.domain.sla import settings
from feedback.models import FeedbackItem, ServiceHours, ServiceTarget
from tests.conftest import Person
from tests.feedback.domain.rules.making import BY

pytestmark = pytest.mark.django_db
TARGETS = reverse("admin:feedback_servicetarget_add")
HOURS = reverse("admin:feedback_servicehours_add")
INBOX = reverse("admin:feedback_feedbackitem_changelist")


def item_of(account: Account, message: str = "Cold") -> FeedbackItem:
    draft = ItemDraft(message=message, channel=FeedbackItem.Channel.PRODUCT)
    return items.create(account=account, draft=draft, actor=BY)


def test_a_target_is_added_and_the_item_shows_its_clock(account: Account, alice: Person) -> None:
    sent = {"account": account.pk, "name": "Usual", "first_minutes": "60", "resolve_minutes": "", "usual": "on"}
    assert alice.signed_in().post(TARGETS, sent).status_code == 302
    item = item_of(account)
    page = alice.signed_in().get(reverse("admin:feedback_feedbackitem_change", args=[item.pk])).content.decode()
    assert "on time, 59 min left" in page
    assert "First response" in page
    assert "on time, 59 min left" in alice.signed_in().get(INBOX).content.decode()


def test_what_is_refused_is_said(account: Account, alice: Person) -> None:
    text = alice.signed_in().post(TARGETS, {"account": account.pk, "name": "None"}).content.decode()
    assert "Set one of the two times." in text
    assert ServiceTarget.objects.count() == 0


def hours(account: Account, **given: str) -> dict[str, object]:
    blank = {f"day{n}_{end}": "" for n in range(7) for end in ("from", "to")}
    return {"account": account.pk, "holidays": "", **blank, **given}


def test_hours_are_set_day_by_day_and_again(account: Account, alice: Person) -> None:
    hers = alice.signed_in()
    sent = hours(account, holidays="at", day0_from="09:00", day0_to="17:00", day5_from="10:00", day5_to="12:30")
    assert hers.post(HOURS, sent).status_code == 302
    row = ServiceHours.objects.get()
    assert (row.days, row.holidays) == ([["09:00", "17:00"], *[None] * 4, ["10:00", "12:30"], None], "AT")
    assert hers.post(HOURS, hours(account, day1_from="09:00", day1_to="23:59")).status_code == 302
    assert ServiceHours.objects.get().days == [None, ["09:00", "23:59"], *[None] * 5]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"day0_from": "09:00"}, "Give both times, or neither for a day off."),
        ({}, "Some day must have hours"),
        ({"day0_from": "09:00", "day0_to": "17:00", "holidays": "XX"}, "Use a country such as AT"),
    ],
)
def test_hours_that_make_no_sense_are_refused(
    account: Account, alice: Person, given: dict[str, str], said: str
) -> None:
    assert said in alice.signed_in().post(HOURS, hours(account, **given)).content.decode()
    assert ServiceHours.objects.count() == 0


def test_owners_alone_write_them(account: Account, bob: Person) -> None:
    his = bob.signed_in()
    assert [his.post(path, {}).status_code for path in (TARGETS, HOURS)] == [403, 403]


def test_the_inbox_filters_what_is_overdue(account: Account, alice: Person) -> None:
    settings.save_target(target=ServiceTarget(account=account, name="Usual", first_minutes=60, usual=True), actor=BY)
    item_of(account, "In time")
    late = item_of(account, "Too late")
    past = timezone.now() - timedelta(hours=2)
    FeedbackItem.objects.filter(pk=late.pk).update(first_due_at=past, sla_due_at=past)
    page = alice.signed_in().get(INBOX, {"clock": "overdue"}).content.decode()
    assert ("Too late" in page, "In time" in page, "overdue by 2 h" in page) == (True, False, True)
    page = alice.signed_in().get(INBOX, {"clock": "running"}).content.decode()
    assert page.index("Too late") < page.index("In time")


def test_the_clock_is_a_column_and_the_most_pressing_come_first_those_without_last(
    account: Account, alice: Person
) -> None:
    item_of(account, "No clock")
    settings.save_target(target=ServiceTarget(account=account, name="Usual", first_minutes=60, usual=True), actor=BY)
    item_of(account, "Soon")
    later = item_of(account, "Later")
    due = timezone.now() + timedelta(hours=5)
    FeedbackItem.objects.filter(pk=later.pk).update(first_due_at=due, sla_due_at=due)
    hers = alice.signed_in()
    page = hers.get(INBOX, {"sort": "due", "cols": "clock"}).content.decode()
    assert page.index(">Soon<") < page.index(">Later<") < page.index(">No clock<")
    assert page.count("is-clock") == 2
    assert "is-clock" not in hers.get(INBOX, {"cols": "type"}).content.decode()
