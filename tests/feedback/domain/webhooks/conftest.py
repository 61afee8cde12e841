"""A receiver on this machine, which the hub may reach here, and an endpoint of Alice's that points at it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest

from accounts.models import Account
from tests.feedback.domain.webhooks.making import endpoint_of
from tests.feedback.domain.webhooks.receiver import Receiver, listening


@pytest.fixture(autouse=True)
def _local_receivers(settings) -> None:
    settings.WEBHOOK_LOCAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


@pytest.fixture
def issued(account: Account, receiver: Receiver):
    return endpoint_of(account, url=receiver.url)


@pytest.fixture
def endpoint(issued):
    return issued.endpoint
