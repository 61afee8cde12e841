"""What is tested here is sent at any time of day, unless it is about hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from campaigns.domain import hours


@pytest.fixture(autouse=True)
def _decent_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    def now(*, moment: datetime, **_: Any) -> datetime:
        return moment

    monkeypatch.setattr(hours, "held_until", now)
