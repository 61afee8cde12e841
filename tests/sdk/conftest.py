"""Vendors' own clients are not ours to keep free of warnings: what they warn of when imported is let go."""

from __future__ import annotations

import warnings

import pytest

from accounts.domain import actors, keys
from accounts.models import Account

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import leadping.feedback.admin.admin_request_builder
    import leadping.feedback.admin.all.all_request_builder
    import leadping.feedback.admin.item.admin_item_request_builder
    import leadping.feedback.feedback_request_builder  # noqa: F401


@pytest.fixture
def secret(transactional_db: None, account: Account) -> str:
    return keys.issue(account=account, name="SDK", actor=actors.SYSTEM).secret
