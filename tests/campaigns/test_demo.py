"""The demo fills an empty hub once, through the domain functions."""

from __future__ import annotations

import pytest

from accounts.models import Account, ApiKey, User
from campaigns import demo
from campaigns.demo.load import SIGN_INS, keys_file
from campaigns.demo.welcome import welcome
from campaigns.models import FeedbackRequest, Message
from crm.models import Customer
from feedback.models import FeedbackItem, FeedbackRecord
from reviews.models import Review


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME_DIR = tmp_path


@pytest.mark.django_db(transaction=True)
def test_the_demo_shows_every_state_and_loads_once(home):
    assert "Nobody can sign in yet" in welcome()
    assert demo.load() is True

    assert Account.objects.count() == 3
    assert User.objects.count() == len(SIGN_INS)
    assert Customer.objects.alive().count() == 279  # 170 guests and 110 customers, one of them deleted
    assert FeedbackRecord.objects.count() > 1_000
    assert Review.objects.count() == 60
    assert set(FeedbackItem.objects.values_list("status", flat=True)) == set(FeedbackItem.Status.values)
    assert set(Message.objects.values_list("state", flat=True)) == {
        "accepted", "bounced", "cancelled", "expired", "failed", "recon", "scheduled", "suppressed",
    }  # fmt: skip
    assert FeedbackRequest.objects.exclude(response=None).count() == 6

    text = welcome()
    assert text.count("curl ") == 5
    assert keys_file().stat().st_mode & 0o777 == 0o600
    keys, rows = ApiKey.objects.count(), FeedbackRecord.objects.count()
    assert demo.load() is False
    assert (ApiKey.objects.count(), FeedbackRecord.objects.count(), welcome()) == (keys, rows, text)
