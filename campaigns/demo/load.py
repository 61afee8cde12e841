"""Loads the demo, once."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.domain import accounts, actors, keys, members
from accounts.models import Account, Membership, User
from campaigns.demo import asks, cafe, doubles, rules, sequence, software, sorting
from campaigns.demo.stage import Stage

AGENCY = "Brightside Agency"
CAFE = "Lumen Coffee"
SOFTWARE = "Fernway Software"
PASSWORD = "try-the-hub-2026"  # noqa: S105 - printed on purpose: the demo's people are nobody
Role = Membership.Role


@dataclass(frozen=True)
class SignIn:
    email: str
    name: str
    what: str


SIGN_INS = (
    SignIn("admin@example.com", "Robin Admin", "superuser: every account"),
    SignIn("agency@example.com", "Alex Agency", "owner of the agency: both client accounts"),
    SignIn("owner@example.com", "Olga Owner", f"owner of {CAFE}"),
    SignIn("staff@example.com", "Sam Staff", f"standard user of {CAFE} and {SOFTWARE}"),
    SignIn("restricted@example.com", "Rita Restricted", f"restricted user of {CAFE}: triage only"),
)


def is_loaded() -> bool:
    return Account.objects.filter(name=AGENCY, is_agency=True).exists()


def load() -> bool:
    """Fill the hub; False when the demo is there already. All or nothing, then the messages that are due go out."""
    with transaction.atomic():
        if is_loaded():
            return False
        users = {person.email: _user(person) for person in SIGN_INS}
        agency = accounts.create(name=AGENCY, is_agency=True, actor=actors.SYSTEM, time_zone="America/New_York")
        lumen, fernway = _clients(agency)
        _team(agency, lumen, fernway, users)
        team = [users["owner@example.com"], users["staff@example.com"]]
        at_lumen = Stage(lumen, team, actors.from_user(team[0]))
        at_fernway = Stage(fernway, [users["staff@example.com"]], actors.from_user(users["staff@example.com"]))
        guests = cafe.play(at_lumen)
        crowd = software.play(at_fernway)
        doubles.play(at_lumen, guests, list(lumen.locations.filter(deleted_at=None).order_by("pk")))
        sorting.sort(at_lumen, sorting.CAFE)
        sorting.sort(at_fernway, sorting.SOFTWARE)
        rules.of_cafe(at_lumen)
        rules.of_software(at_fernway)
        sorting.keep_views(at_lumen)
        sorting.keep_views(at_fernway)
        waiting = asks.ask(at_lumen, guests)
        asks.ask_once(at_fernway, crowd[0])
        campaign = sequence.prepare(at_lumen)
        # Before the commit: a demo whose keys nobody knows could not be loaded again.
        remember(_keys(agency, lumen, fernway))
    asks.send(waiting)
    sequence.play(at_lumen, campaign, guests[75:125])
    return True


def _user(person: SignIn) -> User:
    everything = person.email == SIGN_INS[0].email
    return User.objects.create_user(person.email, PASSWORD, name=person.name, is_superuser=everything)


def _clients(agency: Account) -> tuple[Account, Account]:
    lumen = accounts.create(
        name=CAFE,
        parent=agency,
        verb="visit",
        plan="Growth",
        max_locations=10,
        max_users=10,
        sms_allowance=500,
        time_zone="America/Los_Angeles",
        country_code="US",
        postal_address="14 Pier Lane, Portland, OR 97201, USA",
        brand_color="#9a5b13",
        actor=actors.SYSTEM,
    )
    fernway = accounts.create(
        name=SOFTWARE,
        parent=agency,
        verb="use",
        plan="Enterprise",
        time_zone="America/New_York",
        country_code="US",
        postal_address="200 Broad Street, New York, NY 10004, USA",
        brand_color="#0f766e",
        actor=actors.SYSTEM,
    )
    return lumen, fernway


def _team(agency: Account, lumen: Account, fernway: Account, users: dict[str, User]) -> None:
    for account, email, role in (
        (agency, "agency@example.com", Role.OWNER),
        (lumen, "owner@example.com", Role.OWNER),
        (lumen, "staff@example.com", Role.STANDARD),
        (lumen, "restricted@example.com", Role.RESTRICTED),
        (fernway, "staff@example.com", Role.STANDARD),
    ):
        members.join(account=account, user=users[email], role=role, actor=actors.SYSTEM)


def _keys(agency: Account, lumen: Account, fernway: Account) -> dict[str, str]:
    """A key per role: what each is for, and its secret."""
    wanted = (
        (lumen, "Everything in Lumen Coffee", ("*",), False),
        (fernway, "Everything in Fernway Software", ("*",), False),
        (lumen, "Write-only, Lumen Coffee (Inkeep's web keys)", ("*:write",), False),
        (agency, "The agency's client accounts", ("*",), True),
    )
    return {
        name: keys.issue(account=account, name=name, scopes=scopes, agency=is_agency, actor=actors.SYSTEM).secret
        for account, name, scopes, is_agency in wanted
    }


def keys_file() -> Path:
    return Path(settings.HOME_DIR) / "demo-keys.json"


def remember(secrets: dict[str, str]) -> None:
    """Keep the demo's secrets beside its data, readable by the owner alone, so that every start can print them."""
    keys_file().parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(keys_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(secrets, file, indent=1)


def remembered_keys() -> dict[str, str]:
    try:
        return dict(json.loads(keys_file().read_text()))
    except (FileNotFoundError, ValueError):
        return {}
