"""API keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.domain import actors, keys
from accounts.domain.actors import Actor
from accounts.models import Account, ApiKey, User
from feedbackhub.errors import Conflict, Invalid, Refused
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return Account.objects.create(name="Acme")


def issue(account: Account, **options: object) -> keys.IssuedKey:
    return keys.issue(account=account, name="Till", actor=actors.SYSTEM, **options)  # type: ignore[arg-type]


def test_an_issued_key_opens_its_account(account: Account) -> None:
    issued = issue(account)

    context = keys.authenticate(issued.secret)

    assert context is not None
    assert (context.account, context.key_id, context.name) == (account, issued.key.pk, "Till")
    assert (context.public_id, context.scopes, context.agency) == (issued.key.public_id, frozenset("*"), False)
    assert context.actor == Actor("key", issued.key.public_id, issued.key.name)


def test_a_secret_is_recognisable_and_carries_190_bits() -> None:
    assert keys.SECRET_FORM.fullmatch("fhub_" + "a" * 32)
    assert 62**keys.SECRET_LENGTH > 2**160


def test_a_dump_of_every_table_never_contains_the_secret(account: Account) -> None:
    secret = issue(account).secret
    keys.authenticate(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        dump = ""
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            dump += "\n".join(row[0] for row in cursor.fetchall())
    assert secret[: keys.SHOWN_LENGTH] in dump
    assert secret[: keys.SHOWN_LENGTH + 3] not in dump
    assert secret[keys.SHOWN_LENGTH :] not in dump
    assert secret.encode().hex() not in dump


def test_a_second_call_within_the_cache_time_asks_no_database(
    account: Account, django_assert_num_queries: object
) -> None:
    secret = issue(account).secret
    keys.authenticate(secret)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert keys.authenticate(secret) is not None


def test_the_account_of_a_context_is_a_copy(account: Account) -> None:
    secret = issue(account).secret
    first = keys.authenticate(secret)
    assert first is not None
    first.account.name = "changed in passing"
    second = keys.authenticate(secret)
    assert second is not None
    assert second.account.name == "Acme"


def test_a_revoked_key_is_refused_at_once_in_the_same_process(account: Account) -> None:
    issued = issue(account)
    assert keys.authenticate(issued.secret) is not None
    keys.revoke(key=issued.key, actor=actors.SYSTEM)
    assert issued.key.revoked_at is not None
    assert keys.authenticate(issued.secret) is None


def test_revoking_twice_keeps_the_first_time(account: Account) -> None:
    issued = issue(account)
    keys.revoke(key=issued.key, actor=actors.SYSTEM)
    first = issued.key.revoked_at
    keys.revoke(key=issued.key, actor=actors.SYSTEM)
    assert issued.key.revoked_at == first


def test_a_revocation_by_another_process_is_seen_when_the_cache_runs_out(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(account)
    assert keys.authenticate(issued.secret) is not None
    # An update sends no signal: it is what another process's revocation looks like from here.
    ApiKey.objects.filter(pk=issued.key.pk).update(revoked_at=timezone.now())
    assert keys.authenticate(issued.secret) is not None
    now = keys.time.monotonic()
    monkeypatch.setattr(keys.time, "monotonic", lambda: now + 3.1)
    assert keys.authenticate(issued.secret) is None


def test_a_lookup_that_began_before_a_revocation_is_not_remembered(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(account)
    load = keys._load

    def revoke_meanwhile(digest: bytes) -> keys.KeyContext | None:
        context = load(digest)
        keys.revoke(key=issued.key, actor=actors.SYSTEM)
        return context

    monkeypatch.setattr(keys, "_load", revoke_meanwhile)
    keys.authenticate(issued.secret)
    monkeypatch.setattr(keys, "_load", load)
    assert keys.authenticate(issued.secret) is None


def test_a_key_ends_at_its_expiry_even_when_cached(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    end = timezone.now() + timedelta(hours=1)
    secret = issue(account, expires_at=end).secret
    assert keys.authenticate(secret) is not None
    monkeypatch.setattr(keys.timezone, "now", lambda: end)
    assert keys.authenticate(secret) is None


def test_keys_of_an_inactive_account_work_and_those_of_a_deleted_one_do_not(account: Account) -> None:
    secret = issue(account).secret
    account.active = False
    account.save()
    context = keys.authenticate(secret)
    assert context is not None
    assert context.account.active is False
    account.deleted_at = timezone.now()
    account.save()
    assert keys.authenticate(secret) is None


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "fhub_",
        "fhub_" + "a" * 31,
        "fhub_" + "a" * 33,
        "fhub_" + "a" * 31 + "é",
        "fhub_" + "a" * 31 + "\0",
        "fhub_" + "a" * 32 + "\n",
        "FHUB_" + "a" * 32,
        "\udcff" * 37,
        "lp_src_" + "a" * 30,
        "x" * 5_000_000,
    ],
)
def test_junk_opens_nothing(junk: str) -> None:
    assert keys.authenticate(junk) is None


def test_last_use_is_noted_once_a_minute_and_not_audited(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = issue(account)
    keys.authenticate(issued.secret)
    issued.key.refresh_from_db()
    first = issued.key.last_used_at
    assert first is not None
    keys._cache.clear()
    keys.authenticate(issued.secret)
    issued.key.refresh_from_db()
    assert issued.key.last_used_at == first
    later = first + timedelta(minutes=2)
    monkeypatch.setattr(keys.timezone, "now", lambda: later)
    keys._cache.clear()
    keys.authenticate(issued.secret)
    issued.key.refresh_from_db()
    assert issued.key.last_used_at == later
    assert issued.key.events.count() == 1  # type: ignore[attr-defined]


def test_rotation_keeps_the_old_key_for_the_overlap(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    old = issue(account, scopes=["hub:read", "inkeep"])
    new = keys.rotate(key=old.key, overlap=timedelta(hours=1), actor=actors.SYSTEM)
    fresh = keys.authenticate(new.secret)
    assert fresh is not None
    assert fresh.scopes == {"hub:read", "inkeep"}
    assert keys.authenticate(old.secret) is not None
    assert new.key.rotated_from == old.key
    later = timezone.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(keys.timezone, "now", lambda: later)
    assert keys.authenticate(old.secret) is None
    assert keys.authenticate(new.secret) is not None


def test_rotation_without_overlap_ends_the_old_key_at_once(account: Account) -> None:
    old = issue(account)
    assert keys.authenticate(old.secret) is not None
    keys.rotate(key=old.key, overlap=timedelta(0), actor=actors.SYSTEM)
    assert keys.authenticate(old.secret) is None


def test_rotation_repeats_the_life_span_and_never_lengthens_the_old_one(account: Account) -> None:
    end = timezone.now() + timedelta(days=1)
    old = issue(account, expires_at=end)
    new = keys.rotate(key=old.key, overlap=timedelta(days=30), actor=actors.SYSTEM)
    old.key.refresh_from_db()
    assert old.key.expires_at == end
    assert new.key.expires_at is not None
    assert abs(new.key.expires_at - end) < timedelta(minutes=1)


def test_a_key_is_rotated_once_and_only_while_it_lives(account: Account) -> None:
    old = issue(account)
    new = keys.rotate(key=old.key, overlap=timedelta(days=1), actor=actors.SYSTEM)
    with pytest.raises(Conflict):
        keys.rotate(key=old.key, overlap=timedelta(days=1), actor=actors.SYSTEM)
    keys.revoke(key=new.key, actor=actors.SYSTEM)
    with pytest.raises(Refused):
        keys.rotate(key=new.key, overlap=timedelta(days=1), actor=actors.SYSTEM)


@pytest.mark.parametrize(
    ("scopes", "contract", "verb", "allowed"),
    [
        (["*"], "hub", "write", True),
        (["*:read"], "hub", "read", True),
        (["*:read"], "hub", "write", False),
        (["hub"], "hub", "read", True),
        (["hub"], "hub", "write", True),
        (["hub"], "inkeep", "read", False),
        (["hub:read"], "hub", "read", True),
        (["hub:read"], "hub", "write", False),
        (["hub:write"], "hub", "write", True),
        (["hub:write"], "hub", "read", False),
        (["hub:read", "inkeep:write"], "inkeep", "write", True),
    ],
)
def test_scopes_decide_contract_and_verb(
    account: Account, scopes: list[str], contract: str, verb: keys.Verb, allowed: bool
) -> None:
    context = keys.authenticate(issue(account, scopes=scopes).secret)
    assert context is not None
    assert context.allows(contract, verb) is allowed


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"agency": True}, "agency"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(account: Account, options: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        issue(account, **options)
    assert [problem.name for problem in caught.value.problems] == [field]
    assert ApiKey.objects.count() == 0


def test_a_blank_name_is_refused(account: Account) -> None:
    with pytest.raises(Invalid):
        keys.issue(account=account, name="  ", actor=actors.SYSTEM)


def test_a_key_remembers_who_made_it_and_ends_with_them(account: Account) -> None:
    bob = User.objects.create_user("bob@acme.test")
    issued = keys.issue(account=account, name="Bob's", actor=actors.from_user(bob))
    other = issue(account)
    assert issued.key.created_by == bob
    assert keys.revoke_made_by(user=bob, within=Q(account=account), actor=actors.SYSTEM) == 1
    assert keys.authenticate(issued.secret) is None
    assert keys.authenticate(other.secret) is not None


def test_issuing_is_audited_with_its_actor(account: Account) -> None:
    bob = User.objects.create_user("bob@acme.test")
    issued = keys.issue(account=account, name="Bob's", actor=actors.from_user(bob))
    event = issued.key.events.get()  # type: ignore[attr-defined]
    assert event.pgh_context["actor"] == f"user:{bob.public_id}"


@pytest.mark.django_db(transaction=True)
def test_a_lookup_while_a_revocation_is_not_committed_yet_is_forgotten_with_the_commit(account: Account) -> None:
    issued = issue(account)
    with transaction.atomic():
        keys.revoke(key=issued.key, actor=actors.SYSTEM)
        # Another thread sees the key as it was, and remembers it.
        assert at_once(1, lambda _: keys.authenticate(issued.secret) is not None) == [True]
    assert keys.authenticate(issued.secret) is None
