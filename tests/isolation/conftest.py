"""Both tenants are made once a module, in a transaction that each test's own is nested in and the end rolls back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.isolation import worlds
from tests.isolation.worlds import World


@pytest.fixture(scope="module")
def pair(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, World]]:
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.make("Zyxomma"), worlds.make("Quokka")
        transaction.set_rollback(True)


@pytest.fixture
def hers(pair: tuple[World, World], db: None) -> World:
    return pair[0]


@pytest.fixture
def his(pair: tuple[World, World], db: None) -> World:
    """Charlie's, who must see nothing of hers."""
    return pair[1]
