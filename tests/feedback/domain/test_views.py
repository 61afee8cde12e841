"""Views of the inbox that people keep."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from django.db import IntegrityError, connection

from accounts.models import Membership
from feedback.domain import labels, views
from feedback.domain.queries import inbox_params
from feedback.domain.queries import views as queries
from feedback.models import DefaultView, FeedbackItem, SavedView
from feedbackhub.errors import Conflict, Forbidden, Invalid, NotFound

QUERY = "tab=all&score=bad&sort=oldest&cols=person&cols=age"


@pytest.fixture
def view(account, alice):
    return views.create(account=account, owner=alice.user, name="Unhappy", query=QUERY, actor=alice.actor)


def names(person, *accounts) -> list[str]:
    ids = [account.pk for account in accounts or (person.account,)]
    return [view.name for view in queries.beside_tabs(user=person.user, accounts=ids)]


def test_a_view_keeps_the_inboxs_query(view):
    assert parse_qs(view.query) == {"tab": ["all"], "score": ["bad"], "sort": ["oldest"], "cols": ["person", "age"]}


@pytest.mark.parametrize(
    "query",
    [
        "account__id__exact=1",
        "score=great",
        "label=x",
        "sort=random",
        "cols=secret",
        "created_at_from=yesterday",
        "location__id__exact=1;2",
        "status__exact=gone",
        "q=a%00b",
        f"q={'x' * 201}",
    ],
)
def test_what_the_inbox_does_not_know_is_refused(account, alice, query):
    with pytest.raises(Invalid, match="cannot be asked"):
        views.create(account=account, owner=alice.user, name="x", query=query, actor=alice.actor)


def test_too_many_parameters_are_refused(account, alice):
    query = "&".join(f"q={number}" for number in range(200))
    with pytest.raises(Invalid, match="cannot be asked"):
        views.create(account=account, owner=alice.user, name="x", query=query, actor=alice.actor)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\0"])
def test_a_view_has_a_name(account, alice, name):
    with pytest.raises(Invalid):
        views.create(account=account, owner=alice.user, name=name, query="", actor=alice.actor)


def test_a_name_is_once_a_person(view, account, alice, bob):
    with pytest.raises(Conflict):
        views.create(account=account, owner=alice.user, name="unHAPPY", query="", actor=alice.actor)
    assert views.create(account=account, owner=bob.user, name="Unhappy", query="", actor=bob.actor).owner == bob.user


def test_ones_own_and_shared_views_are_seen_and_no_others(view, account, other_account, alice, bob, charlie):
    assert (names(alice), names(bob), names(charlie, account, other_account)) == (["Unhappy"], [], [])
    views.update(view=view, user=alice.user, shared=True, actor=alice.actor)
    assert (names(alice), names(bob), names(charlie)) == (["Unhappy"], ["Unhappy"], [])
    with pytest.raises(NotFound):
        queries.view_for(user=charlie.user, accounts=[other_account.pk], id=str(view.pk))


@pytest.mark.parametrize("id", ["", "x", "0", "9" * 23, "9" * 5000])
def test_an_odd_id_names_nothing(account, alice, id):
    with pytest.raises(NotFound):
        queries.view_for(user=alice.user, accounts=[account.pk], id=id)


def test_only_its_owner_changes_a_view_and_whoever_manages_the_account_deletes_a_shared_one(account, alice, bob):
    view = views.create(account=account, owner=bob.user, name="Bob's", query="", actor=bob.actor)
    for refused in (
        lambda: views.update(view=view, user=alice.user, name="Mine", actor=alice.actor),
        lambda: views.delete(view=view, user=alice.user, actor=alice.actor),
    ):
        with pytest.raises(Forbidden):
            refused()
    views.update(view=view, user=bob.user, shared=True, name="Everybody's", actor=bob.actor)
    views.delete(view=view, user=alice.user, actor=alice.actor)
    assert SavedView.objects.count() == 0


def test_nobody_keeps_a_view_where_they_see_nothing(account, charlie):
    with pytest.raises(Forbidden):
        views.create(account=account, owner=charlie.user, name="x", query="", actor=charlie.actor)


def test_the_inbox_opens_with_a_view_for_as_long_as_one_sees_it(view, alice, bob):
    views.open_with(user=alice.user, view=view)
    views.open_with(user=alice.user, view=view)
    with pytest.raises(Forbidden):
        views.open_with(user=bob.user, view=view)
    views.update(view=view, user=alice.user, shared=True, actor=alice.actor)
    views.open_with(user=bob.user, view=view)
    assert (queries.opens_with(user=alice.user), queries.opens_with(user=bob.user)) == (view, view)
    views.update(view=view, user=alice.user, shared=False, actor=alice.actor)
    assert queries.opens_with(user=bob.user) is None
    views.open_with(user=alice.user, view=None)
    assert queries.opens_with(user=alice.user) is None
    Membership.objects.filter(user=alice.user).delete()
    DefaultView.objects.update(user=alice.user)
    assert queries.opens_with(user=alice.user) is None


def test_a_filter_that_is_no_more_is_left_out(view):
    SavedView.objects.update(query="tab=all&colour=red&score=great")
    view.refresh_from_db()
    assert parse_qs(queries.address(view=view)) == {"tab": ["all"], "view": [str(view.pk)]}


def test_an_account_has_at_most_so_many_of_a_person(view, account, alice, monkeypatch):
    monkeypatch.setattr(views, "AT_MOST", 1)
    with pytest.raises(Invalid, match="At most 1"):
        views.create(account=account, owner=alice.user, name="Two", query="", actor=alice.actor)


def test_every_parameter_narrows_as_the_inbox_does(account, alice, bob):
    make = FeedbackItem.objects.create
    one = make(account=account, channel="product", message="one", type="bug", area="Kitchen", assignee=bob.user)
    two = make(account=account, channel="kiosk", message="two", type="praise")
    label = labels.create(account=account, name="Refund", actor=alice.actor)
    labels.add(item=one, label=label, actor=alice.actor)
    cases = {
        "": [one, two],
        "tab=mine": [],
        "tab=spam": [],
        "status__exact=new&tab=spam": [one, two],
        "type__exact=bug": [one],
        "channel__exact=kiosk": [two],
        "location__id__exact=1": [],
        "area=Kitchen": [one],
        "assignee=none": [two],
        f"assignee={bob.user.public_id}": [one],
        f"label={label.pk}": [one],
        "label=none": [two],
        "score=none": [one, two],
        "score=bad": [],
        "mood=good": [two],
        "clock=running": [],
        "created_at_from=2030-01-01": [],
        "created_at_to=2030-01-01": [one, two],
        "q=two": [two],
        "sort=oldest&cols=age": [one, two],
    }
    for query, expected in cases.items():
        known, odd = inbox_params.parse(query)
        rows = inbox_params.narrowed(
            items=FeedbackItem.objects.for_account(account), params=known, reader=alice.user, people_of=None
        )
        assert (list(rows.order_by("created_at")), odd) == (expected, []), query
    tried = {name for query in cases for name in parse_qs(query)}
    assert tried == set(inbox_params.KNOWN)


def test_counts_that_take_too_long_are_left_out_and_leave_no_time_limit(account, alice):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()
    items = FeedbackItem.objects.for_account(account)
    FeedbackItem.objects.create(account=account, channel="product", message="one")
    assert inbox_params.counts(views={1: items, 2: items.none()}) == {1: 1, 2: 0}
    slow = items.extra(where=["(SELECT pg_sleep(1)) IS NOT NULL"])
    assert inbox_params.counts(views={1: slow}) == {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == before


def test_view_once_a_person(view, account, alice):
    with pytest.raises(IntegrityError, match="view_once_a_person"):
        SavedView.objects.create(account=account, owner=alice.user, name="UNHAPPY")


def test_view_has_a_name(account, alice):
    with pytest.raises(IntegrityError, match="view_has_a_name"):
        SavedView.objects.create(account=account, owner=alice.user, name="")


def test_a_person_has_one_default(view, alice):
    DefaultView.objects.create(user=alice.user, view=view)
    with pytest.raises(IntegrityError, match="user_id"):
        DefaultView.objects.create(user=alice.user, view=view)
