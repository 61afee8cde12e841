"""Every page of the console as Alice, who owns the account, Bob on her team, and Charlie, who must see nothing.

Each test walks the whole registry: a model that somebody registers tomorrow is tried as well. tests/isolation/ walks
all addresses; here is what needs to know the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import ForeignKey
from django.test import Client
from django.urls import reverse

from accounts.admin.base import ConsoleAdmin
from accounts.models import Account, ApiKey, Invitation, Membership, User
from campaigns.models import OutboxEntry
from crm.models import Location
from feedback.models import FeedbackItem, FeedbackRecord, Label, Macro, Response, SavedView, Source, SourceRecord
from reviews.models import Platform, Review, ReviewProfile
from tests.accounts.admin.world import rows_of
from tests.accounts.factories import agency
from tests.accounts.factories import client as client_of

MARK = "Zyxomma"
OTHER = "Quokka"
# Enough of the mark to find it, without the page's echo of the search being it.
PART = MARK[:5]
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
OWNED = [model for model in REGISTERED if model not in (User, Platform)]
# What the roles' table lets a restricted person open.
RESTRICTED_SEES = {
    FeedbackItem,
    Label,
    Macro,
    SavedView,
    FeedbackRecord,
    Response,
    Source,
    SourceRecord,
    Review,
    ReviewProfile,
    Location,
}


@pytest.fixture
def rows(account):
    return rows_of(account, MARK)


@pytest.fixture
def others(other_account):
    return rows_of(other_account, OTHER)


def url(model: Any, page: str, *args: Any) -> str:
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
    return f"{path}?tab=all" if (model, page) == (FeedbackItem, "changelist") else path


def text_of(client: Client, path: str, **asked: str) -> tuple[int, str]:
    """Status and text; where a page sends away, the text of where it sends to as well."""
    response = client.get(path, asked or None)
    text = response.content.decode()
    if response.status_code == 302:
        text += text_of(client, response["Location"])[1]
    return response.status_code, text


def leaks(text: str, mark: str = MARK) -> list[str]:
    """Where the mark stands, with what is around it."""
    low, found = text.lower(), []
    at = low.find(mark.lower())
    while at >= 0:
        found.append(text[max(0, at - 60) : at + 60])
        at = low.find(mark.lower(), at + 1)
    return found


def as_user(role: str, account: Account, email: str) -> Client:
    user = User.objects.create_user(email, name=role)
    Membership.objects.create(account=account, user=user, role=role)
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def values_of(row: Any) -> dict[str, Any]:
    return dict(type(row).objects.filter(pk=row.pk).values().get())


def test_every_model_of_the_console_stands_on_the_one_base_and_is_tried_here(rows):
    assert {model for model, page in admin.site._registry.items() if not isinstance(page, ConsoleAdmin)} == set()
    assert set(OWNED) == set(rows)


def test_alice_opens_every_page_of_her_rows(rows, alice):
    hers = alice.signed_in()
    for model, row in rows.items():
        for path in (url(model, "changelist"), url(model, "change", row.pk), url(model, "history", row.pk)):
            assert (text_of(hers, path)[0], path) == (200, path)
        if model is not Account:
            assert leaks(text_of(hers, url(model, "changelist"))[1]), model


def test_no_search_shows_charlie_alices_rows(rows, others, charlie):
    his = charlie.signed_in()
    for model in OWNED:
        status, text = text_of(his, url(model, "changelist"), q=PART)
        assert (status in (200, 403), leaks(text), model) == (True, [], model)


def test_charlies_actions_change_nothing_of_alices(rows, charlie):
    his = charlie.signed_in()
    for model, row in rows.items():
        before = values_of(row)
        marked = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes", "index": 0}
        his.post(url(model, "changelist"), marked)
        assert values_of(row) == before


def test_a_form_with_ids_of_alices_rows_makes_no_row(rows, others, charlie):
    his = charlie.signed_in()
    more = {"name": OTHER, "channel": "email", "role": "standard", "email": "x@example.com", "scopes": "*"}
    more |= {"subject": "x", "body": "{{ link }}", "url": "https://example.com", "country_code": "US", "type": "api"}
    for model, row in rows.items():
        relations = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
        posted = {field.name: rows[field.related_model].pk for field in relations if field.related_model in rows}
        before = type(row).objects.count()
        assert his.post(url(model, "add"), posted | more).status_code in (200, 403), model
        assert type(row).objects.count() == before, model


def autocompletes() -> Iterator[tuple[Any, str]]:
    for model in REGISTERED:
        for name in admin.site.get_model_admin(model).autocomplete_fields:
            yield model, name


def test_autocompletes_stay_within_the_account(rows, others, alice, charlie):
    path = reverse("admin:autocomplete")
    for model, name in autocompletes():
        asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
        related = model._meta.get_field(name).related_model
        assert leaks(text_of(charlie.signed_in(), path, term="", **asked)[1]) == []
        hers = alice.signed_in().get(path, {"term": "", **asked}).json()["results"]
        assert str(rows[related].pk) in {found["id"] for found in hers}, (model, name)


def test_a_restricted_person_opens_feedback_and_nothing_about_customers(rows, account):
    theirs = as_user("restricted", account, "rita@example.com")
    for model, row in rows.items():
        expected = 200 if model in RESTRICTED_SEES else 403
        assert (text_of(theirs, url(model, "changelist"))[0], model) == (expected, model)
        assert (text_of(theirs, url(model, "change", row.pk))[0] == 200, model) == (expected == 200, model)


def test_a_restricted_person_reads_no_address_of_a_customer(rows, account):
    theirs = as_user("restricted", account, "rita@example.com")
    address = rows[FeedbackItem].customer.email
    for model in RESTRICTED_SEES:
        for path in (url(model, "changelist"), url(model, "change", rows[model].pk)):
            assert (leaks(text_of(theirs, path)[1], address), path) == ([], path)


def test_bob_changes_neither_keys_nor_the_team(rows, bob):
    his = bob.signed_in()
    for model in (ApiKey, Membership, Invitation):
        before = values_of(rows[model])
        his.post(url(model, "change", rows[model].pk), {"role": "owner"})
        his.post(url(model, "delete", rows[model].pk), {"post": "yes"})
        assert his.get(url(model, "add")).status_code == 403
        assert values_of(rows[model]) == before


def test_a_superuser_opens_everybodys_rows(rows, others):
    theirs = signed_in(User.objects.create_superuser("root@example.com", name="Root"))
    for model, row in others.items():
        assert (text_of(theirs, url(model, "change", row.pk))[0], model) == (200, model)
    assert leaks(text_of(theirs, url(FeedbackItem, "changelist"))[1])
    assert text_of(theirs, url(User, "changelist"))[0] == 200


def test_users_and_the_hubs_own_mails_are_for_superusers(alice, charlie):
    mail = OutboxEntry.objects.create(idem_key="m", channel="email", address="x@example.com", text_body=MARK)
    hers = alice.signed_in()
    assert hers.get(url(User, "changelist")).status_code == 403
    assert text_of(hers, url(User, "change", charlie.user.pk))[0] == 403
    assert text_of(hers, url(OutboxEntry, "change", mail.pk))[0] == 302


def test_an_agencys_member_sees_its_clients_and_no_one_elses(db):
    boss = agency()
    mine, foreign = rows_of(client_of(boss), MARK), rows_of(client_of(None), OTHER)
    theirs = as_user("owner", boss, "ann@example.com")
    text = text_of(theirs, url(FeedbackItem, "changelist"))[1]
    assert (bool(leaks(text, MARK)), leaks(text, OTHER)) == (True, [])
    assert text_of(theirs, url(FeedbackItem, "change", mine[FeedbackItem].pk))[0] == 200
    assert text_of(theirs, url(FeedbackItem, "change", foreign[FeedbackItem].pk))[0] == 404


def test_somebody_without_an_account_sees_an_empty_console(rows):
    theirs = signed_in(User.objects.create_user("lost@example.com"))
    status, text = text_of(theirs, reverse("admin:index"))
    assert (status, leaks(text)) == (200, [])
    assert theirs.get(url(FeedbackItem, "changelist")).status_code == 403
