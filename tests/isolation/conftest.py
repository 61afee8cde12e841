"""Both tenants are made once a module and committed: thousands of calls within one transaction would each leave rows
behind that the next has to step over. Every test's own changes are rolled back as usual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings

from feedback.domain.semantic import upkeep
from tests import database
from tests.isolation import worlds
from tests.isolation.worlds import World


@pytest.fixture(scope="module")
def pair(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, World]]:
    cache.clear()
    with django_db_blocker.unblock():
        hers, his = worlds.make("Zyxomma"), worlds.make("Quokka")
        with override_settings(SEMANTIC_MODEL=""), pytest.MonkeyPatch.context() as patch:
            patch.setattr(upkeep, "SETTLED", timedelta(seconds=-5))
            assert upkeep.run() > 0
        yield hers, his
        database.delete_rows()


@pytest.fixture(autouse=True)
def _by_meaning(settings: Any) -> None:
    """Search by meaning is switched on: an address that is not configured would be nobody's to see."""
    settings.SEMANTIC_MODEL = ""


@pytest.fixture
def hers(pair: tuple[World, World], db: None) -> World:
    return pair[0]


@pytest.fixture
def his(pair: tuple[World, World], db: None) -> World:
    """Charlie's, who must see nothing of hers."""
    return pair[1]
