"""Invitations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts.domain import accounts, actors, invitations, limits, links, members
from accounts.domain.roles import Role
from accounts.models import Account, Invitation, Membership, User
from feedbackhub.errors import Invalid, LimitReached, NotFound, Refused
from tests.accounts.factories import PASSWORD, member

pytestmark = pytest.mark.django_db
DAVE = "dave@example.com"


@pytest.fixture
def acme() -> Account:
    return accounts.create(name="Acme", actor=actors.SYSTEM)


def invite(account: Account, email: str = DAVE, **options: object) -> str:
    """The token of a new invitation."""
    invited = invitations.invite(account=account, email=email, actor=actors.SYSTEM, **options)  # type: ignore[arg-type]
    return invited.url.partition("code=")[2]


def accept(token: str, **options: object) -> Membership:
    person = {"name": "Dave Lister", "phone": "+44 20 7946 0000", "password": PASSWORD}
    return invitations.accept(token=token, **{**person, **options})  # type: ignore[arg-type]


def test_an_invitation_lasts_seven_days_and_its_link_is_not_stored(acme: Account) -> None:
    token = invite(acme, email=" Dave@Example.com ")
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.account) == (DAVE, "standard", acme)
    assert timedelta(0) <= timezone.now() + timedelta(days=7) - invitation.expires_at < timedelta(minutes=1)
    assert len(token) * 6 >= 128
    with connection.cursor() as cursor:
        for table in ("accounts_invitation", "accounts_invitationevent", "accounts_accountmail"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            assert token not in str(cursor.fetchall())


def test_accepting_makes_a_user_who_can_sign_in_and_a_membership(acme: Account) -> None:
    membership = accept(invite(acme, role=Role.RESTRICTED))
    user = User.objects.get(email=DAVE)
    assert (membership.account, membership.user, membership.role) == (acme, user, "restricted")
    assert (user.name, user.phone, user.is_active) == ("Dave Lister", "+44 20 7946 0000", True)
    assert user.check_password(PASSWORD)
    invitation = Invitation.objects.get()
    assert invitation.accepted_by == user
    assert invitation.accepted_at is not None


def test_a_link_works_once(acme: Account) -> None:
    token = invite(acme)
    accept(token)
    with pytest.raises(Refused, match="has been used"):
        accept(token)
    assert User.objects.count() == 1


def test_a_link_ends_after_seven_days(acme: Account) -> None:
    token = invite(acme)
    Invitation.objects.update(expires_at=timezone.now())
    with pytest.raises(Refused, match="expired"):
        accept(token)
    assert User.objects.count() == 0


def test_inviting_again_replaces_the_link(acme: Account) -> None:
    first, second = invite(acme), invite(acme, email="DAVE@example.com")
    with pytest.raises(NotFound):
        accept(first)
    assert accept(second).user.email == DAVE


def test_a_revoked_link_is_unknown(acme: Account) -> None:
    token = invite(acme)
    invitations.revoke(invitation=Invitation.objects.get(), actor=actors.SYSTEM)
    with pytest.raises(NotFound):
        accept(token)


@pytest.mark.parametrize("token", ["", "x", "a" * 24, "é" * 24, "a" * 100_000, "a" * 23 + "\0", "../" * 8])
def test_a_guessed_link_is_unknown(acme: Account, token: str) -> None:
    invite(acme)
    with pytest.raises(NotFound):
        accept(token)


def test_a_member_is_not_invited_again(acme: Account) -> None:
    member(acme, DAVE)
    with pytest.raises(Refused) as caught:
        invite(acme)
    assert [problem.name for problem in caught.value.problems] == ["email"]
    assert Invitation.objects.count() == 0


@pytest.mark.parametrize("email", ["", "dave", "dave@", "a b@example.com", "dave@example.com\r\nBcc: x@y.z", "\0@x.yz"])
def test_what_is_no_address_is_refused(acme: Account, email: str) -> None:
    with pytest.raises(Invalid) as caught:
        invite(acme, email=email)
    assert [problem.name for problem in caught.value.problems] == ["email"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "1" * 40}, "phone"),
        ({"password": "short"}, "password"),
        ({"password": "dave@example.com"}, "password"),
        ({"password": "x" * 5000}, "password"),
    ],
)
def test_a_person_who_is_not_described_well_may_try_again(acme: Account, options: dict[str, str], field: str) -> None:
    token = invite(acme)
    with pytest.raises(Invalid) as caught:
        accept(token, **options)
    assert {problem.name for problem in caught.value.problems} == {field}
    assert User.objects.count() == 0
    assert accept(token).user.email == DAVE


def test_the_link_alone_never_opens_an_existing_sign_in(acme: Account) -> None:
    other = accounts.create(name="Other", actor=actors.SYSTEM)
    dave = member(other, DAVE)
    charlie = member(other, "charlie@example.com")
    token = invite(acme)
    for somebody in (None, charlie):
        with pytest.raises(invitations.SignInFirst):
            accept(token, user=somebody, password="a different password")
    dave.refresh_from_db()
    assert dave.check_password(PASSWORD)
    assert invitations.needs_sign_in(Invitation.objects.get())
    assert accept(token, user=dave).user == dave
    assert set(dave.memberships.values_list("account", flat=True)) == {acme.pk, other.pk}


def test_who_left_comes_back_as_the_same_user_with_a_new_password(acme: Account) -> None:
    dave = member(acme, DAVE)
    members.remove(account=acme, user=dave, actor=actors.SYSTEM)
    back = accept(invite(acme), password="an entirely new one").user
    assert back == dave
    assert (back.is_active, back.check_password("an entirely new one")) == (True, True)


def test_who_was_shut_out_does_not_come_back_by_invitation(acme: Account) -> None:
    dave = member(acme, DAVE)
    members.deactivate(user=dave, actor=actors.SYSTEM)
    members.remove(account=acme, user=dave, actor=actors.SYSTEM)
    with pytest.raises(Refused, match="may not sign in"):
        accept(invite(acme))
    dave.refresh_from_db()
    assert dave.is_active is False


def test_pending_invitations_count_towards_the_limit(acme: Account) -> None:
    accounts.update(account=acme, max_users=2, actor=actors.SYSTEM)
    member(acme, "alice@example.com")
    invite(acme)
    assert (limits.active_users(acme), limits.seats_taken(acme)) == (1, 2)
    with pytest.raises(LimitReached):
        invite(acme, email="eve@example.com")
    # Replacing one takes no further seat, and accepting takes the one it held.
    assert accept(invite(acme)).user.email == DAVE
    with pytest.raises(LimitReached):
        invite(acme, email="eve@example.com")


def test_an_expired_invitation_frees_its_seat(acme: Account) -> None:
    accounts.update(account=acme, max_users=1, actor=actors.SYSTEM)
    invite(acme)
    Invitation.objects.update(expires_at=timezone.now())
    assert invite(acme, email="eve@example.com")


def test_a_limit_lowered_since_stops_accepting(acme: Account) -> None:
    token = invite(acme)
    accounts.update(account=acme, max_users=0, actor=actors.SYSTEM)
    with pytest.raises(LimitReached):
        accept(token)
    assert User.objects.count() == 0


def test_the_link_can_be_made_again_later_and_after_a_change_of_secret(acme: Account) -> None:
    token = invite(acme)
    invitation = Invitation.objects.get()
    old = links.settings.SECRET_KEY
    assert links.invitation_url(invitation).endswith(token)
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[old]):
        assert links.invitation_url(invitation).endswith(token)
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[]), pytest.raises(Refused):
        links.invitation_url(invitation)


def test_a_member_added_meanwhile_settles_the_invitation(acme: Account) -> None:
    token = invite(acme)
    dave = member(acme, DAVE, "owner")
    assert accept(token, user=dave).role == "owner"
    assert Invitation.objects.get().accepted_by == dave
