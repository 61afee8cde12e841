"""Tenants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.dispatch import Signal

from accounts import signals
from accounts.domain import accounts, actors, invitations, keys
from accounts.models import Account, ApiKey, Invitation, Membership
from feedbackhub.errors import BadReference, Invalid, NotFound, Refused
from tests.accounts.factories import agency, client, member

pytestmark = pytest.mark.django_db


class Heard(list[dict[str, Any]]):
    def __call__(self, **kwargs: Any) -> None:
        self.append({name: value for name, value in kwargs.items() if name not in ("signal", "sender")})


@pytest.fixture
def heard() -> Iterator[Any]:
    connected: list[tuple[Signal, Heard]] = []

    def listen(signal: Signal) -> Heard:
        heard = Heard()
        signal.connect(heard, weak=False)
        connected.append((signal, heard))
        return heard

    yield listen
    for signal, receiver in connected:
        signal.disconnect(receiver)


def test_a_new_account_has_what_was_given_and_is_announced(heard: Any) -> None:
    created = heard(signals.account_created)
    account = accounts.create(name="Acme", verb="visit", max_users=3, actor=actors.SYSTEM)
    account.refresh_from_db()
    assert (account.name, account.verb, account.active, account.max_users) == ("Acme", "visit", True, 3)
    assert (account.max_locations, account.max_campaigns, account.sms_allowance) == (None, None, None)
    assert created == [{"account": account, "template_of": None}]


def test_a_template_lends_branding_but_not_the_names_customers_know(heard: Any) -> None:
    parent = agency(postal_address="1 Agency Street", language="de")
    template = client(
        parent, name="Template", brand_color="#112233", brand_name="Brand", from_name="From", time_zone="Asia/Tokyo"
    )
    created = heard(signals.account_created)
    account = accounts.create(name="New", parent=parent, template=template, actor=actors.SYSTEM)
    assert (account.brand_color, account.time_zone) == ("#112233", "Asia/Tokyo")
    assert (account.postal_address, account.language) == ("1 Agency Street", "de")
    assert (account.name, account.brand_name, account.from_name) == ("New", "", "")
    assert created == [{"account": account, "template_of": template}]


def test_a_client_inherits_from_its_agency() -> None:
    account = client(agency(time_zone="Europe/Vienna", postal_address="1 Agency Street"))
    assert (account.time_zone, account.postal_address) == ("Europe/Vienna", "1 Agency Street")


def test_a_template_of_another_agency_is_a_bad_reference() -> None:
    parent = agency()
    foreign = client(agency(name="Other agency"))
    with pytest.raises(BadReference) as caught:
        accounts.create(name="New", parent=parent, template=foreign, actor=actors.SYSTEM)
    assert [problem.name for problem in caught.value.problems] == ["template"]


def test_a_client_of_a_client_is_refused() -> None:
    with pytest.raises(BadReference):
        client(client(agency()))


ODD_HOSTS = ("evil.example/f/?", "user@host.example", "host.example:99", "a b.example", "x.example\r\ny", "localhost")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "a\r\nBcc: everybody"}, "name"),
        ({"verb": "eat"}, "verb"),
        ({"max_users": -1}, "max_users"),
        ({"max_users": 2**31}, "max_users"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"brand_color": "red"}, "brand_color"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"from_name": "a\nb"}, "from_name"),
        ({"language": "en\r\nX: y"}, "language"),
        ({"language": '"><b>'}, "language"),
        *(({"branded_domain": odd}, "branded_domain") for odd in ODD_HOSTS),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create(**{"name": "Acme", **settings}, actor=actors.SYSTEM)
    assert [problem.name for problem in caught.value.problems] == [field]
    assert Account.objects.count() == 0


def test_an_address_may_have_several_lines() -> None:
    assert accounts.create(name="Acme", postal_address="1 Street\n2 Town", actor=actors.SYSTEM).postal_address


def test_an_update_changes_what_differs_and_says_so(heard: Any) -> None:
    account = accounts.create(name="Acme", max_users=3, actor=actors.SYSTEM)
    changed = heard(signals.account_changed)
    after = accounts.update(account=account, name="Acme", active=False, max_users=None, actor=actors.SYSTEM)
    after.refresh_from_db()
    assert (after.name, after.active, after.max_users) == ("Acme", False, None)
    assert changed == [{"account": after, "changed": frozenset({"active", "max_users"})}]


def test_an_update_without_a_difference_announces_nothing(heard: Any) -> None:
    account = accounts.create(name="Acme", actor=actors.SYSTEM)
    changed = heard(signals.account_changed)
    accounts.update(account=account, name="Acme", actor=actors.SYSTEM)
    assert changed == []
    assert account.events.count() == 1  # type: ignore[attr-defined]


def test_a_bad_update_changes_nothing() -> None:
    account = accounts.create(name="Acme", actor=actors.SYSTEM)
    with pytest.raises(Invalid):
        accounts.update(account=account, name="New", max_users=-1, actor=actors.SYSTEM)
    account.refresh_from_db()
    assert account.name == "Acme"


def test_a_change_is_audited_with_its_actor() -> None:
    account = accounts.create(name="Acme", actor=actors.SYSTEM)
    bob = member(account, "bob@example.com")
    accounts.update(account=account, name="New", actor=actors.from_user(bob))
    event = account.events.order_by("pgh_id").last()  # type: ignore[attr-defined]
    assert (event.name, event.pgh_context["actor"]) == ("New", f"user:{bob.public_id}")


def test_deleting_ends_keys_invitations_and_the_sign_in_of_those_who_belong_nowhere_else(heard: Any) -> None:
    account = accounts.create(name="Acme", actor=actors.SYSTEM)
    other = accounts.create(name="Other", actor=actors.SYSTEM)
    bob = member(account, "bob@example.com")
    carol = member(account, "carol@example.com")
    Membership.objects.create(account=other, user=carol)
    secret = keys.issue(account=account, name="Till", actor=actors.SYSTEM).secret
    invited = invitations.invite(account=account, email="dave@example.com", actor=actors.SYSTEM).invitation
    deleted = heard(signals.account_deleted)

    accounts.delete(account=account, actor=actors.SYSTEM)

    account.refresh_from_db()
    bob.refresh_from_db()
    carol.refresh_from_db()
    assert ApiKey.objects.get().revoked_at is not None
    invited.refresh_from_db()
    assert account.deleted_at is not None
    assert deleted == [{"account": account}]
    assert keys.authenticate(secret) is None
    assert invited.revoked_at is not None
    assert (bob.is_active, carol.is_active) == (False, True)
    assert list(carol.memberships.values_list("account", flat=True)) == [other.pk]


def test_deleting_twice_finds_nothing() -> None:
    account = accounts.create(name="Acme", actor=actors.SYSTEM)
    accounts.delete(account=account, actor=actors.SYSTEM)
    with pytest.raises(NotFound):
        accounts.delete(account=account, actor=actors.SYSTEM)
    with pytest.raises(NotFound):
        accounts.update(account=account, name="Ghost", actor=actors.SYSTEM)
    with pytest.raises(NotFound):
        invitations.invite(account=account, email="dave@example.com", actor=actors.SYSTEM)
    assert Invitation.objects.count() == 0


def test_an_agency_with_clients_is_not_deleted() -> None:
    parent = agency()
    account = client(parent)
    with pytest.raises(Refused):
        accounts.delete(account=parent, actor=actors.SYSTEM)
    accounts.delete(account=account, actor=actors.SYSTEM)
    accounts.delete(account=parent, actor=actors.SYSTEM)
    assert Account.objects.alive().count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cors_origins", "https://app.example.com"),
        ("cors_origins", ["app.example.com"]),
        ("cors_origins", ["https://app.example.com/"]),
        ("cors_origins", [7]),
        ("cors_origins", {}),
        ("rate_limits", []),
        ("rate_limits", {"hub": "1000"}),
        ("rate_limits", {"hub": True}),
        ("rate_limits", {"hub": -1}),
        ("rate_limits", {"nobody": 5}),
    ],
)
def test_settings_of_a_shape_that_calls_could_not_use_are_refused(field: str, value: Any) -> None:
    account = client(None)
    with pytest.raises(Invalid) as caught:
        accounts.update(account=account, actor=actors.SYSTEM, **{field: value})
    assert [problem.name for problem in caught.value.problems] == [field]
    account.refresh_from_db()
    assert (account.cors_origins, account.rate_limits) == ([], {})


def test_origins_and_limits_of_the_right_shape_are_kept() -> None:
    given: Any = {"cors_origins": ["https://app.example.com", "http://localhost:3000"], "rate_limits": {"hub": 0}}
    account = accounts.update(account=client(None), actor=actors.SYSTEM, **given)
    account.refresh_from_db()
    assert (account.cors_origins, account.rate_limits) == (given["cors_origins"], given["rate_limits"])


@pytest.mark.parametrize("name", ["a\nb", "a\x85b", "a\u2028b", "   "])
def test_a_name_is_one_printable_line(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create(name=name, actor=actors.SYSTEM)
    assert {problem.name for problem in caught.value.problems} == {"name"}


def test_a_postal_address_may_have_several_lines() -> None:
    account = accounts.create(name="Acme", postal_address="1 Main Street\nSpringfield", actor=actors.SYSTEM)
    assert account.postal_address == "1 Main Street\nSpringfield"
    with pytest.raises(Invalid):
        accounts.update(account=account, postal_address="1 Main Street\r\nSpringfield", actor=actors.SYSTEM)
