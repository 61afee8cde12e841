"""API keys in the console: shown once, rotated, revoked."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.domain import keys
from accounts.models import ApiKey


def add(client, account, **more):
    posted = {"account": account.pk, "name": "Importer", "scopes": ["hub:write"], **more}
    return client.post(reverse("admin:accounts_apikey_add"), posted)


def shown(response) -> str:
    found = re.search(r'id="secret"[^>]*>(fhub_\w+)<', response.content.decode())
    assert found, "no secret on the page"
    return found[1]


@pytest.fixture
def key(account, alice):
    return keys.issue(account=account, name="Shop", actor=alice.actor).key


def test_a_key_is_made_shown_once_and_works(account, alice):
    hers = alice.signed_in()
    response = add(hers, account)
    secret = shown(response)
    made = ApiKey.objects.get()
    assert (made.name, made.scopes, made.created_by) == ("Importer", ["hub:write"], alice.user)
    assert keys.authenticate(secret).public_id == made.public_id
    assert "no-store" in response["Cache-Control"]
    for page in (reverse("admin:accounts_apikey_changelist"), reverse("admin:accounts_apikey_change", args=[made.pk])):
        assert secret not in hers.get(page).content.decode()


def test_what_the_domain_refuses_is_said_on_the_form_which_keeps_what_was_typed(account, alice):
    response = add(alice.signed_in(), account, agency="on")
    text = response.content.decode()
    assert "Only an agency account can have an agency key." in text
    assert 'value="Importer"' in text
    assert ApiKey.objects.count() == 0


def test_a_key_is_revoked(key, alice):
    alice.signed_in().post(reverse("admin:accounts_apikey_revoke", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_rotated_key_shows_its_successor_once_and_lives_on_for_a_while(key, alice):
    response = alice.signed_in().post(reverse("admin:accounts_apikey_rotate", args=[key.pk]), {"overlap": "24"})
    successor = keys.authenticate(shown(response))
    key.refresh_from_db()
    assert ApiKey.objects.get(public_id=successor.public_id).rotated_from == key
    assert key.expires_at is not None


def test_a_second_rotation_is_refused_with_the_reason(key, alice):
    hers, path = alice.signed_in(), reverse("admin:accounts_apikey_rotate", args=[key.pk])
    hers.post(path, {"overlap": "24"})
    assert "has a successor already" in hers.post(path, follow=True).content.decode()
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("verb", ["revoke", "rotate"])
def test_only_who_manages_keys_ends_them(key, bob, charlie, alice, verb):
    path = reverse(f"admin:accounts_apikey_{verb}", args=[key.pk])
    assert bob.signed_in().post(path).status_code == 404
    assert charlie.signed_in().post(path).status_code == 404
    assert alice.signed_in().get(path).status_code == 404
    key.refresh_from_db()
    assert (key.revoked_at, key.expires_at) == (None, None)


def test_what_a_key_may_do_is_a_table_of_apis_with_nothing_ticked(account, alice):
    text = alice.signed_in().get(reverse("admin:accounts_apikey_add")).content.decode()
    assert '<th scope="row">Formbricks Hub (/v1)</th>' in text
    assert 'value="hub:read" aria-label="Formbricks Hub (/v1): read">' in text
    add(alice.signed_in(), account, scopes=[])
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize(
    ("ticked", "scopes", "told"),
    [
        (["hub:read", "hub:write"], ["hub"], "Formbricks Hub (/v1)"),
        (["inkeep:write"], ["inkeep:write"], "Inkeep (/inkeep), writing only"),
        (["*:read", "*:write"], ["*"], "Every API, also those to come"),
    ],
)
def test_both_ticks_of_an_api_are_its_scope(account, alice, ticked, scopes, told):
    hers = alice.signed_in()
    add(hers, account, scopes=ticked)
    assert ApiKey.objects.get().scopes == scopes
    assert told in hers.get(reverse("admin:accounts_apikey_changelist")).content.decode()


def test_ticks_are_kept_when_the_form_comes_back(account, alice):
    text = add(alice.signed_in(), account, name="", scopes=["hub:read", "hub:write"]).content.decode()
    assert text.count(" checked>") >= 2
    assert 'value="hub:write" aria-label="Formbricks Hub (/v1): write" checked>' in text


def test_a_rotation_without_a_word_leaves_the_old_key_a_day(key, alice):
    alice.signed_in().post(reverse("admin:accounts_apikey_rotate", args=[key.pk]))
    key.refresh_from_db()
    assert round((key.expires_at - timezone.now()).total_seconds() / 3600) == 24
