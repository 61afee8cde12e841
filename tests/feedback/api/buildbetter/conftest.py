"""A source of Alice's, and where its records are."""

from __future__ import annotations

import pytest

from tests.feedback.api.callers import Caller


@pytest.fixture
def source(better: Caller) -> int:
    return better.post("/feedback-sources", {"name": "NPS Survey", "type": "api"}).json()["id"]


@pytest.fixture
def records(source: int) -> str:
    return f"/feedback-sources/{source}/records"
