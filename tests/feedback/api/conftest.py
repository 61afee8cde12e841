"""A caller of each contract for Alice's account, and one for Charlie's."""

from __future__ import annotations

import pytest

from accounts.models import Account
from tests.feedback.api.callers import Caller, bearer, secret_of


@pytest.fixture
def secret(account: Account) -> str:
    return secret_of(account)


@pytest.fixture
def charlies_secret(other_account: Account) -> str:
    return secret_of(other_account)


@pytest.fixture
def hub(secret: str) -> Caller:
    return bearer(secret, "/v1")


@pytest.fixture
def charlies_hub(charlies_secret: str) -> Caller:
    return bearer(charlies_secret, "/v1")


@pytest.fixture
def better(secret: str) -> Caller:
    return Caller("/v3/rest", {"X-BuildBetter-Api-Key": secret})


@pytest.fixture
def charlies_better(charlies_secret: str) -> Caller:
    return Caller("/v3/rest", {"X-BuildBetter-Api-Key": charlies_secret})


@pytest.fixture
def leadping(secret: str) -> Caller:
    return bearer(secret, "/leadping")


@pytest.fixture
def charlies_leadping(charlies_secret: str) -> Caller:
    return bearer(charlies_secret, "/leadping")


@pytest.fixture
def inkeep(secret: str) -> Caller:
    return bearer(secret, "/inkeep")


@pytest.fixture
def charlies_inkeep(charlies_secret: str) -> Caller:
    return bearer(charlies_secret, "/inkeep")


@pytest.fixture
def root(secret: str) -> Caller:
    """The root itself, where two contracts share an address."""
    return bearer(secret, "")
