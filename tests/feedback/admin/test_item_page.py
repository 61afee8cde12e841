"""One item's page: what it shows, and a button per thing that can be done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain import actors
from accounts.models import Membership, User
from crm.domain import suppressions
from crm.models import Customer
from feedback.domain import responses, triage
from feedback.models import FeedbackItem, ItemNote


@pytest.fixture
def item(account):
    return FeedbackItem.objects.create(account=account, channel="product", message="The oven is cold")


def page(item: FeedbackItem) -> str:
    return reverse("admin:feedback_feedbackitem_change", args=[item.pk])


def do(client, item: FeedbackItem, verb: str, value: Any = "", **more: Any) -> str:
    """Post one button; the text of the page one comes back to."""
    path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, verb])
    response = client.post(path, {"value": value, **more}, follow=True)
    item.refresh_from_db()
    return response.content.decode()


def test_a_status_is_changed_and_seen_in_the_history_with_who(item, bob):
    text = do(bob.signed_in(), item, "status", "planned", version=1)
    assert (item.status, item.reviewed_by) == ("planned", bob.actor.code)
    assert "Now planned." in text
    assert "<strong>Bob</strong> changed" in text
    assert "Status: <del>New</del> → <ins>Planned</ins>" in text


def test_an_item_is_assigned_typed_placed_and_linked(item, alice, bob):
    hers = alice.signed_in()
    do(hers, item, "assign", bob.user.public_id)
    do(hers, item, "type", "bug")
    do(hers, item, "area", "Kitchen")
    do(hers, item, "issue", "https://issues.example.com/7")
    assert (item.assignee, item.type, item.area) == (bob.user, "bug", "Kitchen")
    assert item.external_issue_url == "https://issues.example.com/7"
    do(hers, item, "assign", "me")
    assert item.assignee == alice.user
    do(hers, item, "assign", "")
    assert item.assignee is None


def test_a_note_is_written_and_shown_as_words(item, bob):
    text = do(bob.signed_in(), item, "note", "Called <b>her</b>")
    note = ItemNote.objects.get(item=item)
    assert (note.body, note.author_name) == ("Called <b>her</b>", "Bob")
    assert "Called &lt;b&gt;her&lt;/b&gt;" in text


def test_a_duplicate_is_linked_and_unlinked(item, account, alice):
    other = FeedbackItem.objects.create(account=account, channel="product", message="Oven cold again")
    hers = alice.signed_in()
    candidates = hers.get(reverse("admin:feedback_feedbackitem_duplicate", args=[other.pk]), {"q": "oven"})
    assert "The oven is cold" in candidates.content.decode()
    do(hers, other, "duplicate", item.pk)
    assert other.duplicate_of == item
    assert "Oven cold again" in hers.get(page(item)).content.decode()
    do(hers, other, "duplicate", "")
    assert other.duplicate_of is None


def test_a_duplicate_of_another_accounts_item_is_no_such_item(item, other_account, alice):
    foreign = FeedbackItem.objects.create(account=other_account, channel="product", message="Secret")
    text = do(alice.signed_in(), item, "duplicate", foreign.pk)
    assert "There is no such feedback item." in text
    assert "Secret" not in text
    assert item.duplicate_of is None


def test_what_somebody_changed_meanwhile_is_not_overwritten(item, alice, bob):
    triage.set_status(item=FeedbackItem.objects.get(pk=item.pk), status="closed", actor=bob.actor)
    text = do(alice.signed_in(), item, "status", "planned", version=1)
    assert item.status == "closed"
    assert "Bob changed this item while you were looking at it." in text


@pytest.mark.parametrize(
    ("verb", "value", "said"),
    [
        ("status", "finished", "Unknown status"),
        ("type", "", "Unknown type"),
        ("issue", "javascript:alert(1)", "Give a whole address"),
        ("area", "x" * 201, "At most 200 characters"),
        ("assign", "nobody", "There is no such person here."),
        ("note", " ", "Write something first."),
        ("duplicate", "7", "There is no such feedback item."),
    ],
)
def test_wrong_input_is_said_and_changes_nothing(item, alice, verb, value, said):
    assert said in do(alice.signed_in(), item, verb, value)
    assert item.version == 1


def test_an_unknown_verb_is_not_found_and_a_get_changes_nothing(item, alice):
    hers = alice.signed_in()
    assert hers.post(reverse("admin:feedback_feedbackitem_do", args=[item.pk, "explode"])).status_code == 404
    assert hers.get(reverse("admin:feedback_feedbackitem_do", args=[item.pk, "status"])).status_code == 405


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [("/console/", "/console/"), ("https://evil.example/", None), ("//evil.example", None), ("", None)],
)
def test_one_comes_back_to_where_one_was_within_the_hub(item, alice, wanted, led_to):
    path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, "type"])
    response = alice.signed_in().post(path, {"value": "bug", "next": wanted})
    assert response["Location"] == (led_to or page(item))


def test_charlie_can_do_nothing_to_alices_item(item, charlie):
    his = charlie.signed_in()
    for verb in ("status", "type", "area", "issue", "assign", "note", "duplicate"):
        path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, verb])
        assert his.post(path, {"value": "closed"}).status_code == 404
    assert his.get(reverse("admin:feedback_feedbackitem_duplicate", args=[item.pk])).status_code == 404
    item.refresh_from_db()
    assert (item.version, ItemNote.objects.count()) == (1, 0)


def test_a_post_from_elsewhere_without_the_token_is_refused(item, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)
    path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, "status"])
    assert client.post(path, {"value": "closed"}).status_code == 403


def test_the_page_shows_the_words_the_person_and_everything_about_them(account, alice):
    mia = Customer.objects.create(account=account, fname="Mia", sname="Kovac", email="mia@example.org")
    responses.submit(account=account, kind="nps", score=3, comment="Cold bread", customer=mia, actor=actors.PERSON)
    suppressions.opt_out(customer=mia, actor=alice.actor)
    item = FeedbackItem.objects.get(customer=mia)
    text = alice.signed_in().get(page(item)).content.decode()
    for expected in ("Cold bread", "Mia Kovac", "mia@example.org", "NPS 3 of 10", "Do not contact", "The customer"):
        assert expected in text


def test_a_restricted_person_triages_but_reads_no_addresses(account, alice):
    mia = Customer.objects.create(account=account, fname="Mia", email="mia@example.org")
    item = FeedbackItem.objects.create(account=account, channel="product", message="x", customer=mia)
    rita = User.objects.create_user("rita@example.com", name="Rita")
    Membership.objects.create(account=account, user=rita, role="restricted")
    theirs = Client()
    theirs.force_login(rita)
    suppressions.suppress(
        account=account, channel="email", reason="opt_out", source="staff", address="mia@example.org", customer=mia
    )
    text = do(theirs, item, "status", "reviewed")
    assert item.status == "reviewed"
    assert "mia@example.org" not in text
    assert theirs.get(page(item)).context["timeline"] == []
    assert alice.signed_in().get(page(item)).context["timeline"] != []


def test_an_item_page_costs_the_same_with_much_history(item, alice, bob, django_assert_num_queries):
    hers = alice.signed_in()
    triage.assign(item=item, assignee=alice.user, actor=bob.actor)
    with django_assert_num_queries(23):
        assert hers.get(page(item)).status_code == 200
    for n in range(6):
        triage.add_note(item=item, body=f"note {n}", actor=bob.actor)
        triage.assign(item=item, assignee=(alice, bob)[n % 2].user, actor=bob.actor)
    with django_assert_num_queries(23):
        assert hers.get(page(item)).status_code == 200


def test_what_somebody_said_at_the_counter_is_added_by_hand(account, alice):
    posted = {"account": account.pk, "type": "complaint", "message": "Too salty", "area": ""}
    assert alice.signed_in().post(reverse("admin:feedback_feedbackitem_add"), posted).status_code == 302
    made = FeedbackItem.objects.get()
    assert (made.message, made.channel, made.area) == ("Too salty", "console", None)
    assert (made.submitted_by, made.user_email_snapshot) == (alice.user, alice.user.email)
