"""The feedback-request noun, from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from campaigns.domain import landing
from campaigns.models import FeedbackRequest, Message, MessageTemplate
from crm.domain import suppressions
from crm.models import Customer, Location
from tests.campaigns.asking import ask, location_of, message_of, somebody, template_of
from tests.feedbackapi import FeedbackAPI, refused

KEYS = [
    "id",
    "created",
    "due",
    "updated",
    "subscriber",
    "template",
    "location",
    "type",
    "message_opened",
    "message_clicked",
    "message_bounced",
    "bounce_reason",
    "spam_complaint",
    "full_url",
    "branded_url",
    "feedback",
]


@pytest.fixture
def jane(account: Account) -> Customer:
    return somebody(account)


@pytest.fixture
def email(account: Account) -> MessageTemplate:
    return template_of(account, "email")


@pytest.fixture
def sms(account: Account) -> MessageTemplate:
    return template_of(account, "sms")


def arguments(customer: Customer, template: MessageTemplate, **more: Any) -> dict[str, Any]:
    return {"subscriber": customer.public_id, "template": template.public_id, **more}


# --- The samples of the document ------------------------------------------------------------------------------------


def test_the_create_sample_works_as_printed(each_api: FeedbackAPI, jane: Customer, email: MessageTemplate) -> None:
    body = each_api.ok(each_api.post("feedback-request/", arguments(jane, email)))
    row = FeedbackRequest.objects.get()
    now = int(row.created_at.timestamp())
    assert list(body) == KEYS
    assert body == {
        "id": row.public_id,
        "created": now,
        "due": int(row.due_at.timestamp()),
        "updated": int(row.updated_at.timestamp()),
        "subscriber": jane.public_id,
        "template": email.public_id,
        "location": location_of(jane.account).public_id,
        "type": "email",
        "message_opened": False,
        "message_clicked": False,
        "message_bounced": False,
        "bounce_reason": None,
        "spam_complaint": False,
        "full_url": f"http://127.0.0.1:8000/f/{row.landing_token}",
        "branded_url": f"http://127.0.0.1:8000/fb/{row.landing_token}",
        "feedback": None,
    }
    assert abs(now - body["due"]) <= 1
    message = message_of(row)
    assert (message.channel, message.address, message.state) == ("email", jane.email, "scheduled")
    assert len(row.landing_token) >= 22


def test_an_sms_template_makes_an_sms(api: FeedbackAPI, jane: Customer, sms: MessageTemplate) -> None:
    assert api.ok(api.post("feedback-request", arguments(jane, sms)))["type"] == "sms"
    assert Message.objects.get().address == jane.mobile_number


@pytest.mark.parametrize("noun", ["feedback-request", "feedback-requests"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_spelling_of_the_path_answers(
    api: FeedbackAPI, jane: Customer, email: MessageTemplate, noun: str, slash: str
) -> None:
    made = api.ok(api.post(f"{noun}{slash}", arguments(jane, email)))
    assert api.ok(api.get(f"{noun}/{made['id']}{slash}")) == made
    assert api.ok(api.get(f"{noun}{slash}"))["data"] == [made]


def test_the_retrieve_and_list_samples_show_the_answer(api: FeedbackAPI, account: Account) -> None:
    Account.objects.update(branded_domain="your-domain.com")
    request = ask(account)
    landing.answer(token=request.landing_token, score=3, comment="I guess I was expecting more.")
    body = api.ok(api.get(f"feedback-request/{request.public_id}"))
    assert list(body) == KEYS
    assert body["message_clicked"] is True
    assert body["updated"] >= body["created"]
    assert body["branded_url"] == f"https://your-domain.com/fb/{request.landing_token}"
    assert body["feedback"] == api.ok(api.get("feedback"))["data"][0]
    assert body["feedback"]["nps-score"] == body["feedback"]["nps_score"] == 3
    listed = api.ok(api.get("feedback-request?limit=20&created_after=1546300800"))
    assert (listed["page"], listed["total_count"], listed["total_returned"]) == (0, 1, 1)
    assert listed["data"] == [body]


# --- Creating --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["1893456000", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00"])
def test_due_is_taken_in_either_form(
    each_api: FeedbackAPI, jane: Customer, email: MessageTemplate, written: str, time_machine_to_2029: None
) -> None:
    # A form's + arrives as a blank, as curl -d sends it.
    body = each_api.ok(each_api.post("feedback-request", arguments(jane, email, due=written)))
    assert body["due"] == 1893456000
    assert Message.objects.get().due_at == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def time_machine_to_2029(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2029, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", ["true", True])
def test_a_suppressed_message_makes_the_link_only(
    each_api: FeedbackAPI, jane: Customer, email: MessageTemplate, text: Any
) -> None:
    body = each_api.ok(each_api.post("feedback-request", arguments(jane, email, suppress_message=text)))
    assert body["type"] == "suppressed"
    assert body["full_url"].endswith(FeedbackRequest.objects.get().landing_token)
    assert not Message.objects.exists()


def test_suppress_message_false_sends(each_api: FeedbackAPI, jane: Customer, email: MessageTemplate) -> None:
    each_api.ok(each_api.post("feedback-request", arguments(jane, email, suppress_message=False)))
    assert Message.objects.get().state == "scheduled"


def test_a_customer_of_two_locations_needs_one_named(
    api: FeedbackAPI, account: Account, jane: Customer, email: MessageTemplate
) -> None:
    second = Location.objects.create(account=account, name="Second", country_code="US")
    jane.locations.add(second)
    refused(api.post("feedback-request", arguments(jane, email)), 400, "location")
    body = api.ok(api.post("feedback-request", arguments(jane, email, location=second.public_id)))
    assert body["location"] == second.public_id


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"subscriber": None}, "subscriber"),
        ({"subscriber": "nobody"}, "subscriber"),
        ({"template": ""}, "template"),
        ({"template": "nothing"}, "template"),
        ({"location": "nowhere"}, "location"),
        ({"due": "tomorrow"}, "due"),
        ({"due": "2025-01-01T00:00:00"}, "due"),
        ({"due": 1}, "due"),
        ({"due": 3_400_000_000}, "due"),
        ({"suppress_message": "perhaps"}, "suppress_message"),
        ({"campaign": "x"}, "campaign"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_queued(
    api: FeedbackAPI, jane: Customer, email: MessageTemplate, change: dict[str, Any], param: str
) -> None:
    refused(api.post("feedback-request", {**arguments(jane, email), **change}), 400, param)
    assert not FeedbackRequest.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(("days", "status"), [(-2, 400), (-0.5, 200), (365.9, 200), (366.1, 400)])
def test_due_has_its_limits(api: FeedbackAPI, jane: Customer, email: MessageTemplate, days: float, status: int) -> None:
    due = int((timezone.now() + timedelta(days=days)).timestamp())
    assert api.post("feedback-request", arguments(jane, email, due=due)).status_code == status


def test_nobody_is_asked_who_opted_out(api: FeedbackAPI, jane: Customer, email: MessageTemplate) -> None:
    api.ok(api.post(f"customers/{jane.public_id}", {"opt_out": True}))
    message = refused(api.post("feedback-request", arguments(jane, email)), 402, "subscriber")
    assert "opted out" in message
    assert not FeedbackRequest.objects.exists()


def test_nobody_is_asked_whose_address_bounced(api: FeedbackAPI, jane: Customer, email: MessageTemplate) -> None:
    suppressions.suppress(
        account=jane.account, channel="email", reason="hard_bounce", source="provider", address=jane.email or ""
    )
    refused(api.post("feedback-request", arguments(jane, email)), 402, "subscriber")
    assert not FeedbackRequest.objects.exists()


def test_nobody_is_asked_without_an_address_for_the_channel(
    api: FeedbackAPI, account: Account, sms: MessageTemplate
) -> None:
    no_phone = somebody(account, mobile_number=None)
    refused(api.post("feedback-request", arguments(no_phone, sms)), 402, "subscriber")
    assert not Message.objects.exists()


def test_a_deleted_customer_is_no_reference(api: FeedbackAPI, jane: Customer, email: MessageTemplate) -> None:
    api.ok(api.delete(f"customers/{jane.public_id}"))
    refused(api.post("feedback-request", arguments(jane, email)), 400, "subscriber")


def test_deleting_the_customer_cancels_what_is_not_sent(api: FeedbackAPI, account: Account, jane: Customer) -> None:
    request = ask(account, customer=jane)
    api.ok(api.delete(f"customers/{jane.public_id}"))
    assert message_of(request).state == "cancelled"


# --- Listing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(account: Account) -> list[FeedbackRequest]:
    """Oldest first; due and updated in other orders, and no two flags are set on the same rows."""
    rows = [ask(account), ask(account, "sms"), ask(account)]
    noon, now = datetime(2025, 1, 1, 12, tzinfo=UTC), timezone.now()
    for row, (created, due, updated) in zip(rows, [(0, 12, 21), (1, 10, 22), (2, 11, 20)], strict=True):
        created_at, due_at, updated_at = (noon + timedelta(days=days) for days in (created, due, updated))
        FeedbackRequest.objects.filter(pk=row.pk).update(created_at=created_at, due_at=due_at, updated_at=updated_at)
    for row, happened in zip(rows, [{"opened_at": now}, {"clicked_at": now, "complained_at": now}, {}], strict=True):
        FeedbackRequest.objects.filter(pk=row.pk).update(**happened)
    FeedbackRequest.objects.filter(pk=rows[2].pk).update(
        clicked_at=now, bounced_at=now, bounce_reason="No such mailbox"
    )
    return rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 1, 0]),
        ("sort_by=created-asc", [0, 1, 2]),
        ("sort_by=due-desc", [0, 2, 1]),
        ("sort_by=updated-asc", [2, 0, 1]),
        ("created_after=2025-01-02T12:00:00Z", [2, 1]),
        ("created_before=2025-01-02T12:00:00Z", [1, 0]),
        ("due_after=2025-01-13T00:00:00Z", [0]),
        ("due_before=2025-01-11T12:00:00Z", [1]),
        ("updated_after=2025-01-22T12:00:00Z", [1, 0]),
        ("updated_before=2025-01-22T11:00:00Z", [2]),
        ("subscriber={subscriber}", [0]),
        ("template={email}", [2, 0]),
        ("template={sms}&subscriber={subscriber}", []),
        ("location={location}", [2, 1, 0]),
        ("message_opened=true", [0]),
        ("message_opened=false", [2, 1]),
        ("message_clicked=TRUE", [2, 1]),
        ("message_bounced=true", [2]),
        ("spam_complaint=true", [1]),
        ("spam_complaint=false&limit=1", [2]),
    ],
)
def test_lists_filter_sort_and_page(
    api: FeedbackAPI, account: Account, three: list[FeedbackRequest], query: str, expected: list[int]
) -> None:
    named = query.format(
        subscriber=three[0].customer.public_id,
        email=template_of(account, "email").public_id,
        sms=template_of(account, "sms").public_id,
        location=location_of(account).public_id,
    )
    assert api.ids(f"feedback-request?{named}") == [three[index].public_id for index in expected]


def test_what_happened_to_the_message_is_shown(api: FeedbackAPI, three: list[FeedbackRequest]) -> None:
    names = ("message_opened", "message_clicked", "message_bounced", "spam_complaint", "bounce_reason")
    rows = api.ok(api.get("feedback-request?sort_by=created-asc"))["data"]
    assert [[row[name] for name in names] for row in rows] == [
        [True, False, False, False, None],
        [False, True, False, True, None],
        [False, True, True, False, "No such mailbox"],
    ]
    day, first = 86400, 1735732800
    assert [(row["created"] - first, row["due"] - first, row["updated"] - first) for row in rows] == [
        (0, 12 * day, 21 * day),
        (day, 10 * day, 22 * day),
        (2 * day, 11 * day, 20 * day),
    ]


@pytest.mark.parametrize("query", ["subscriber=x", "template=x", "location=x", "sort_by=type-asc", "type=sms"])
def test_a_list_names_the_parameter_at_fault(api: FeedbackAPI, query: str) -> None:
    refused(api.get(f"feedback-request?{query}"), 400, query.partition("=")[0])


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_two_queries_for_any_number(
    api: FeedbackAPI, account: Account, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        landing.answer(token=ask(account).landing_token, score=9, comment="Good")
    api.get("feedback-request")
    with django_assert_num_queries(2):
        assert api.ok(api.get("feedback-request"))["total_returned"] == count


# --- Whose they are --------------------------------------------------------------------------------------------------


def test_bob_sees_what_alice_has(bobs_api: FeedbackAPI, three: list[FeedbackRequest]) -> None:
    assert len(bobs_api.ids("feedback-request")) == 3


def test_charlie_sees_nothing_and_uses_nothing(
    charlies_api: FeedbackAPI, other_account: Account, jane: Customer, email: MessageTemplate
) -> None:
    request = ask(jane.account, customer=jane)
    absent = refused(charlies_api.get("feedback-request/absent"), 404)
    assert refused(charlies_api.get(f"feedback-request/{request.public_id}"), 404) == absent
    assert charlies_api.ids("feedback-request") == []
    own, own_template = somebody(other_account), template_of(other_account, "email")
    home = location_of(jane.account).public_id
    for fields, param in [
        (arguments(jane, own_template), "subscriber"),
        (arguments(own, email), "template"),
        (arguments(own, own_template, location=home), "location"),
    ]:
        refused(charlies_api.post("feedback-request", fields), 400, param)
    for query in (f"subscriber={jane.public_id}", f"template={email.public_id}", f"location={home}"):
        refused(charlies_api.get(f"feedback-request?{query}"), 400, query.partition("=")[0])
    assert FeedbackRequest.objects.count() == 1
