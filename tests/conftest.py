"""The cast of three, and what every test starts from."""

from __future__ import annotations

import os
from dataclasses import dataclass

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import Account, Membership, User
from tests import database

# Files that take five seconds and more.
LONG = (
    "tests/isolation/",
    "tests/journeys/",
    "tests/campaigns/test_demo.py",
    "tests/browser/",
    "tests/faults/",
    "tests/contracts/",
    "tests/feedbackhub/local/",
    "tests/accounts/admin/",
    "tests/feedbackhub/admin/",
    "tests/sdk/",
)


def pytest_configure(config: pytest.Config) -> None:
    """Give each xdist worker its own cache database: clearing one must not clear another's. Hash passwords fast."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    base, _, _ = settings.CACHE_URL.partition("?")
    settings.CACHE_URL = f"{base}?db={2 + int(worker)}"
    settings.CACHES["default"]["LOCATION"] = settings.CACHE_URL
    # Loading the sentence model takes a while; the tests that are about it switch it on.
    settings.SEMANTIC_MODEL = "off"
    # A busy machine is no failure: examples have no deadline, and are the same every time.
    hypothesis.settings.register_profile("hub", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("hub")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest start first, so that in the end no core waits for the other's last one."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@dataclass(frozen=True)
class Person:
    """Someone who signs in: the user, the account they work for, and how they appear as an actor."""

    user: User
    account: Account

    @property
    def actor(self) -> Actor:
        return actors.from_user(self.user)

    def signed_in(self) -> Client:
        client = Client()
        client.force_login(self.user)
        return client


def person(name: str, account: Account, role: str) -> Person:
    user = User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery", name=name)
    Membership.objects.create(account=account, user=user, role=role)
    return Person(user, account)


@pytest.fixture
def account(db: None) -> Account:
    """Alice's account."""
    return Account.objects.create(name="Alice's Bakery", postal_address="1 Main Street, Springfield")


@pytest.fixture
def other_account(db: None) -> Account:
    """Charlie's account: nothing of Alice's may be seen from here."""
    return Account.objects.create(name="Charlie's Garage", postal_address="2 Side Street, Shelbyville")


@pytest.fixture
def alice(account: Account) -> Person:
    """Owns the account."""
    return person("Alice", account, Membership.Role.OWNER)


@pytest.fixture
def bob(account: Account) -> Person:
    """Is on Alice's team."""
    return person("Bob", account, Membership.Role.STANDARD)


@pytest.fixture
def charlie(other_account: Account) -> Person:
    """Owns another account and must see nothing of Alice's."""
    return person("Charlie", other_account, Membership.Role.OWNER)


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """Rate limits and caches of one test do not reach the next."""
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the migrated template. TEST_DB_SUFFIX keeps several suites on one server apart."""
    settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = database.template(os.environ["DATABASE_URL"])
    database.empty_quickly()
    database.take_time_to_copy()
    if suffix := os.environ.get("TEST_DB_SUFFIX"):
        name = settings.DATABASES["default"].setdefault("TEST", {}).get("NAME") or "test_feedbackhub"
        settings.DATABASES["default"]["TEST"]["NAME"] = f"{name}_{suffix}"
