"""Both tenants are made once a module and committed: thousands of calls within one transaction would each leave rows
behind that the next has to step over. Every test's own changes are rolled back as usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests import database
from tests.isolation import worlds
from tests.isolation.worlds import World


@pytest.fixture(scope="module")
def pair(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, World]]:
    cache.clear()
    with django_db_blocker.unblock():
        yield worlds.make("Zyxomma"), worlds.make("Quokka")
        database.delete_rows()


@pytest.fixture
def hers(pair: tuple[World, World], db: None) -> World:
    return pair[0]


@pytest.fixture
def his(pair: tuple[World, World], db: None) -> World:
    """Charlie's, who must see nothing of hers."""
    return pair[1]
