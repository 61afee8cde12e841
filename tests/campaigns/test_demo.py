"""The demo fills an empty hub once, through the domain functions."""

from __future__ import annotations

import pytest

from accounts.models import Account, ApiKey, User
from campaigns import demo
from campaigns.demo.load import SIGN_INS, keys_file
from campaigns.demo.welcome import _where_they_lead, welcome
from campaigns.models import Campaign, Decision, Enrolment, FeedbackRequest, Message
from crm.models import Customer
from feedback.models import FeedbackItem, FeedbackRecord, Label
from reviews.models import Review


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME_DIR = tmp_path


@pytest.mark.django_db
def test_without_the_demo_the_first_steps_are_told_until_somebody_can_sign_in(home, settings):
    assert f"FEEDBACKHUB_HOME={settings.HOME_DIR} ./run exec manage.py createsuperuser" in welcome()
    User.objects.create_superuser(email="boss@example.com", password="correct-horse-battery-9")
    assert "Nobody can sign in yet" not in welcome()


@pytest.mark.parametrize(
    ("email", "told"),
    [("outbox://", "the mails and SMS they cause"), ("smtp://mail.example", "the SMS they cause")],
)
def test_what_is_kept_in_the_outbox_is_told(settings, email, told):
    settings.EMAIL_PROVIDER_URL = email
    assert told in _where_they_lead()


@pytest.mark.django_db(transaction=True)
def test_the_demo_shows_every_state_and_loads_once(home):
    assert "Nobody can sign in yet" in welcome()
    assert demo.load() is True

    assert Account.objects.count() == 3
    assert User.objects.count() == len(SIGN_INS)
    assert Customer.objects.alive().count() == 279  # 170 guests, one of them twice, 110 others, two deleted
    assert FeedbackRecord.objects.count() > 1_000
    assert Review.objects.count() == 60
    assert Label.objects.count() == 8
    assert set(FeedbackItem.objects.values_list("status", flat=True)) == set(FeedbackItem.Status.values)
    assert set(Message.objects.values_list("state", flat=True)) == {
        "accepted", "bounced", "cancelled", "expired", "failed", "held", "recon", "scheduled", "suppressed",
    }  # fmt: skip
    assert FeedbackRequest.objects.exclude(response=None).count() == 6 + 8
    assert set(Campaign.objects.values_list("state", flat=True)) == {"draft", "running", "paused"}
    assert set(Enrolment.objects.values_list("state", flat=True)) == set(Enrolment.State.values)
    assert Decision.objects.filter(enrolment__isnull=False).exists()

    text = welcome()
    assert text.count("curl ") == 5
    assert keys_file().stat().st_mode & 0o777 == 0o600
    keys, rows = ApiKey.objects.count(), FeedbackRecord.objects.count()
    assert demo.load() is False
    assert (ApiKey.objects.count(), FeedbackRecord.objects.count(), welcome()) == (keys, rows, text)
