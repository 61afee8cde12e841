"""One running hub for all journeys of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.services import Hub, running_hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running
