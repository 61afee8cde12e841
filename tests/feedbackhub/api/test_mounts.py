"""Which contract an address belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedbackhub.api import mounts
from feedbackhub.api.mounts import contract_at
from tests.feedbackhub.api.fake import CONTRACT


@pytest.fixture(autouse=True)
def _three_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    prefixes = {"old": ("/v1",), "older": ("/v1.3", "/v1.2"), "sub": ("/v1/sub",)}
    contracts = [replace(CONTRACT, name=name, prefixes=each) for name, each in prefixes.items()]
    monkeypatch.setattr(mounts, "mounted", lambda: contracts)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1", "old"),
        ("/v1/", "old"),
        ("/v1/feedback-records", "old"),
        ("/v1.3", "older"),
        ("/v1.3/customers", "older"),
        ("/v1.2/x", "older"),
        ("/v1/sub/x", "sub"),
        ("/v1/subs", "old"),
    ],
)
def test_the_longest_prefix_wins(path: str, name: str):
    found = contract_at(path)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("path", ["/", "", "/v", "/v10", "/console/", "/v1.30/x"])
def test_other_addresses_belong_to_none(path: str):
    assert contract_at(path) is None


@pytest.mark.urls("tests.feedbackhub.api.fake")
def test_the_url_configuration_says_what_is_mounted():
    assert mounts._mounted("tests.feedbackhub.api.fake") == [CONTRACT]
