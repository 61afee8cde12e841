"""Request ids."""

from __future__ import annotations

import logging
from uuid import UUID

import pytest
from django.test import Client


@pytest.mark.parametrize("sent", ["a", "x" * 128, "with blank", "!~"])
def test_a_printable_id_is_echoed(sent: str):
    assert Client().get("/livez", headers={"X-Request-ID": sent})["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 129, "ümlaut", "a\tb", "a\r\nX-Evil: 1"])
def test_any_other_id_is_replaced_by_a_uuid(sent: str):
    made = Client().get("/livez", headers={"X-Request-ID": sent})["X-Request-ID"]

    assert UUID(made).version == 7


def test_the_log_does_not_repeat_an_address(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        Client().get("/nowhere/token-of-a-landing-page?q=canary")

    assert "request" in [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
    assert "token-of-a-landing-page" not in caplog.text
    assert "canary" not in caplog.text
