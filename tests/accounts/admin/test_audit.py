"""Who did what: the list, and a row's own history."""

from __future__ import annotations

import pghistory.core
from django.urls import reverse

from accounts.models import Account
from crm.models import Location
from feedback.domain import triage
from feedback.models import FeedbackItem


def item_of(account: Account, message: str) -> FeedbackItem:
    return FeedbackItem.objects.create(account=account, channel="product", message=message)


def test_the_audit_lists_writes_newest_first_with_who_did_them(account, alice, bob):
    triage.set_status(item=item_of(account, "Cold oven"), status="planned", actor=bob.actor)
    events = alice.signed_in().get(reverse("admin:audit_of", args=["feedback.feedbackitem"])).context["events"]
    assert [(event.who, event.verb, event.title) for event in events] == [
        ("Bob", "changed", "Cold oven"),
        ("FeedbackHub", "created", "Cold oven"),
    ]


def test_the_audit_pages_back_without_missing_or_repeating(account, alice):
    for number in range(60):
        item_of(account, f"item {number}")
    hers, path = alice.signed_in(), reverse("admin:audit_of", args=["feedback.feedbackitem"])
    first = hers.get(path).context
    second = hers.get(path, {"before": first["older"]}).context
    titles = [event.title for page in (first, second) for event in page["events"]]
    assert titles == [f"item {number}" for number in reversed(range(60))]
    assert second["older"] is None


def test_charlie_and_restricted_people_see_nothing_of_it(account, bob, charlie):
    item_of(account, "Cold oven")
    bob.user.memberships.update(role="restricted")
    for path in (reverse("admin:audit"), reverse("admin:audit_of", args=["feedback.feedbackitem"])):
        assert bob.signed_in().get(path).status_code == 403
    his = charlie.signed_in()
    assert "Cold oven" not in his.get(reverse("admin:audit_of", args=["feedback.feedbackitem"])).content.decode()
    assert his.get(reverse("admin:audit_of", args=["accounts.user"])).status_code == 404
    assert his.get(reverse("admin:audit_of", args=["nonsense"])).status_code == 404


def test_odd_positions_are_ignored(alice):
    for before in ("x", "-1", "9" * 40, ""):
        assert alice.signed_in().get(reverse("admin:audit"), {"before": before}).status_code == 200


def test_a_change_made_in_a_form_is_in_the_rows_history_and_leads_to_its_request(account, alice):
    place = Location.objects.create(account=account, name="Square", country_code="US")
    hers = alice.signed_in()
    hers.post(
        reverse("admin:crm_location_change", args=[place.pk]),
        {"name": "Market square", "country_code": "US"},
        headers={"X-Request-ID": "req-7"},
    )
    [events] = pghistory.core.event_models(tracks_model=Location)
    assert events.objects.latest("pgh_id").pgh_context == {
        "actor": alice.actor.code,
        "actor_label": "Alice",
        "request_id": "req-7",
    }
    text = hers.get(reverse("admin:crm_location_history", args=[place.pk])).content.decode()
    assert "<strong>Alice</strong> changed" in text
    assert "Name: <del>Square</del> → <ins>Market square</ins>" in text
