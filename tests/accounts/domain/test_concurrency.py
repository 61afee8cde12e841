"""What must hold when many do it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.domain import accounts, actors, invitations, keys, limits
from accounts.models import Account, Invitation, Membership, User
from feedbackhub.errors import Conflict, HubError, LimitReached, Refused
from tests.accounts.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme() -> Account:
    return accounts.create(name="Acme", max_users=10, actor=actors.SYSTEM)


def at_once(work: Callable[[int], Any], times: int) -> Counter[str]:
    """How often each outcome: `ok` or the error's class."""

    def one(number: int) -> str:
        try:
            work(number)
        except HubError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(15) as pool:
        return Counter(pool.map(one, range(times)))


def test_thirty_invitations_at_once_fill_ten_seats_exactly(acme: Account) -> None:
    outcome = at_once(lambda n: invitations.invite(account=acme, email=f"user{n}@example.com", actor=actors.SYSTEM), 30)
    assert outcome == {"ok": 10, LimitReached.__name__: 20}
    assert limits.seats_taken(acme) == Invitation.objects.count() == 10


def test_one_address_invited_at_once_has_one_open_invitation(acme: Account) -> None:
    outcome = at_once(lambda _: invitations.invite(account=acme, email="dave@example.com", actor=actors.SYSTEM), 20)
    assert outcome == {"ok": 20}
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_one_link_opened_at_once_makes_one_user(acme: Account) -> None:
    url = invitations.invite(account=acme, email="dave@example.com", actor=actors.SYSTEM).url
    token = url.partition("code=")[2]
    outcome = at_once(
        lambda n: invitations.accept(token=token, name=f"Dave {n}", phone="+44 20 7946 0000", password=PASSWORD), 8
    )
    assert outcome == {"ok": 1, Refused.__name__: 7}
    assert (User.objects.count(), Membership.objects.count()) == (1, 1)


def test_invitations_of_two_accounts_accepted_at_once_make_one_user(acme: Account) -> None:
    other = accounts.create(name="Other", actor=actors.SYSTEM)
    tokens = [
        invitations.invite(account=each, email="dave@example.com", actor=actors.SYSTEM).url.partition("code=")[2]
        for each in (acme, other)
    ]
    outcome = at_once(
        lambda n: invitations.accept(token=tokens[n], name="Dave", phone="+44 20 7946 0000", password=PASSWORD), 2
    )
    assert outcome["ok"] == 1
    assert set(outcome) <= {"ok", Conflict.__name__, "SignInFirst"}
    assert User.objects.count() == 1


def test_one_key_rotated_at_once_has_one_successor(acme: Account) -> None:
    key = keys.issue(account=acme, name="Till", actor=actors.SYSTEM).key
    outcome = at_once(lambda _: keys.rotate(key=key, overlap=keys.timedelta(hours=1), actor=actors.SYSTEM), 10)
    assert outcome == {"ok": 1, Conflict.__name__: 9}
