"""The way in and out of the console, and what its pages may load."""

from __future__ import annotations

from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Membership, User
from feedback.models import FeedbackItem
from tests.accounts.factories import PASSWORD, agency, member
from tests.accounts.factories import client as client_of

INBOX = reverse("admin:feedback_feedbackitem_changelist")


def directives(response) -> dict[str, list[str]]:
    parts = response["Content-Security-Policy"].split(";")
    return {name: rest for name, *rest in (part.split() for part in parts if part.strip())}


def test_who_is_not_signed_in_comes_back_to_the_page_after_signing_in(alice):
    client = Client()
    response = client.get(INBOX, follow=True)
    path, status = response.redirect_chain[-1]
    assert (urlsplit(path).path, status) == ("/accounts/login/", 302)
    assert parse_qs(urlsplit(path).query)["next"] == [INBOX]
    signed_in = client.post(path, {"login": alice.user.email, "password": PASSWORD})
    assert signed_in["Location"] == INBOX
    assert client.get(INBOX).status_code == 200


def test_signing_out_is_a_post_and_ends_the_session(alice):
    hers = alice.signed_in()
    assert hers.get(reverse("admin:logout")).status_code == 405
    assert hers.post(reverse("admin:logout"))["Location"] == "/accounts/login/"
    assert hers.get(INBOX).status_code == 302


def test_somebody_who_may_not_open_the_console_is_told_so(db):
    user = User.objects.create_user("guest@example.com", is_staff=False)
    client = Client()
    client.force_login(user)
    response = client.get("/console/", follow=True)
    assert response.status_code == 403
    assert (
        "You can&#x27;t open the console" in response.content.decode() or "You can't open" in response.content.decode()
    )


def test_passwords_are_changed_where_the_hubs_rules_for_it_are(alice):
    assert alice.signed_in().get(reverse("admin:password_change"))["Location"] == "/accounts/password/change/"


def test_a_console_page_allows_the_themes_scripts_and_nothing_else_more(alice):
    hers = alice.signed_in()
    console, outside = directives(hers.get(INBOX)), directives(Client().get("/accounts/login/"))
    assert set(console["script-src"]) - {"'unsafe-eval'"} == {"'self'"}
    assert "'unsafe-eval'" in console["script-src"]
    assert "'unsafe-eval'" not in outside["script-src"]
    assert console["style-src"] == ["'self'"]
    assert console["frame-ancestors"] == ["'none'"]


def test_console_pages_are_kept_by_no_cache(alice):
    assert "no-store" in alice.signed_in().get(INBOX)["Cache-Control"]


def test_only_our_own_models_are_registered_nothing_of_the_libraries(alice):
    apps = {model._meta.app_label for model in admin.site._registry}
    assert apps == {"accounts", "crm", "feedback", "reviews", "campaigns"}


def test_the_menu_shows_what_the_role_covers(account, alice):
    rita = Client()
    rita.force_login(member(account, "rita@example.com", "restricted"))
    hers, theirs = (client.get("/console/").content.decode() for client in (alice.signed_in(), rita))
    for title in ("Inbox", "Answers"):
        assert (f"<span>{title}</span>" in hers, f"<span>{title}</span>" in theirs) == (True, True)
    for title in ("Customers", "API keys", "Messages", "Audit"):
        assert (f"<span>{title}</span>" in hers, f"<span>{title}</span>" in theirs) == (True, False)


def test_a_mark_in_the_menu_counts_new_items(account, alice):
    FeedbackItem.objects.create(account=account, channel="product", message="x")
    assert alice.signed_in().get("/console/").content.decode().count('<span class="hub-tile-number">1</span> new') == 1


class TestChoosingAnAccount:
    @pytest.fixture
    def boss(self, db) -> Account:
        return agency()

    @pytest.fixture
    def two(self, boss):
        made = client_of(boss, name="North"), client_of(boss, name="South")
        for account in made:
            FeedbackItem.objects.create(account=account, channel="product", message=f"said in {account.name}")
        return made

    @pytest.fixture
    def ann(self, boss, two):
        client = Client()
        client.force_login(member(boss, "ann@example.com", "owner"))
        return client

    def choose(self, client, public_id, after="/console/"):
        return client.post(reverse("admin:choose_account"), {"account": public_id, "next": after})

    def test_lists_are_narrowed_to_the_chosen_one_and_widened_again(self, ann, two):
        assert self.choose(ann, two[0].public_id, INBOX)["Location"] == INBOX
        text = ann.get(INBOX).content.decode()
        assert ("said in North" in text, "said in South" in text) == (True, False)
        self.choose(ann, "")
        text = ann.get(INBOX).content.decode()
        assert ("said in North" in text, "said in South" in text) == (True, True)

    def test_an_agency_stands_for_its_clients(self, ann, two, boss):
        self.choose(ann, boss.public_id)
        text = ann.get(INBOX).content.decode()
        assert ("said in North" in text, "said in South" in text) == (True, True)

    def test_a_link_into_another_account_within_reach_still_opens(self, ann, two):
        self.choose(ann, two[0].public_id)
        item = FeedbackItem.objects.get(account=two[1])
        assert ann.get(reverse("admin:feedback_feedbackitem_change", args=[item.pk])).status_code == 200

    def test_an_account_out_of_reach_cannot_be_chosen(self, ann, other_account):
        assert self.choose(ann, other_account.public_id).status_code == 404

    def test_a_choice_out_of_reach_since_counts_no_more(self, ann, two, boss):
        self.choose(ann, two[0].public_id)
        Membership.objects.all().delete()
        Membership.objects.create(account=two[1], user=User.objects.get(email="ann@example.com"), role="owner")
        text = ann.get(INBOX).content.decode()
        assert ("said in North" in text, "said in South" in text) == (False, True)

    def test_one_never_leaves_the_hub(self, ann, two):
        assert self.choose(ann, two[0].public_id, "https://evil.example/")["Location"] == "/console/"

    def test_who_has_one_account_has_nothing_to_choose(self, alice):
        assert 'name="account"' not in alice.signed_in().get("/console/").content.decode()


ODD = (
    {"p": "x"},
    {"p": "99999"},
    {"o": "-1.99.x"},
    {"q": "'\"%_\\ " + "x" * 300},
    {"nonsense": "1"},
    {"account__name__startswith": "A"},
    {"_to_field": "password"},
    {"_popup": "1"},
    {"e": "1"},
    {"all": ""},
    {"id__exact": "x"},
    {"created_at_from": "2026-99-99"},
    {"_facets": "True"},
)


def test_odd_queries_never_break_a_list(alice):
    hers, turns = alice.signed_in(), count()
    for model, model_admin in admin.site._registry.items():
        if model_admin.account_path is None:
            continue
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        # Every list stands on one base class: each gets a third, and each third several lists.
        turn = next(turns)
        for asked in ODD[turn % 3 :: 3]:
            assert hers.get(path, asked).status_code in (200, 302, 400), (path, asked)


def test_odd_searches_and_autocompletes_never_break(alice):
    hers = alice.signed_in()
    for asked in ({}, {"s": "in"}, {"s": "in", "page": "x"}, {"s": "in", "page": "99"}):
        assert hers.get(reverse("admin:search"), asked).status_code in (200, 404)
    for asked in ({}, {"term": "x"}, {"app_label": "x", "model_name": "y", "field_name": "z"}):
        assert hers.get(reverse("admin:autocomplete"), asked).status_code == 403
