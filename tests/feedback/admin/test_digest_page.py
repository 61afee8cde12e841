"""The page on which people choose their digest."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.domain import digests
from accounts.models import Account
from feedback.domain import items
from feedback.domain.items import ItemDraft
from feedback.models import FeedbackItem
from tests.conftest import Person
from tests.feedback.domain.rules.making import BY

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:digest")


def test_choosing_one(alice: Person) -> None:
    hers = alice.signed_in()
    assert "There is nothing to say, so no mail would come." in hers.get(PAGE).content.decode()
    assert hers.post(PAGE, {"every": "week", "time_zone": "Europe/Vienna"}).status_code == 302
    choice = digests.choice_of(alice.user)
    assert (choice.every, choice.time_zone) == ("week", "Europe/Vienna")
    assert hers.post(PAGE, {"every": "hourly", "time_zone": "Europe/Vienna"}).status_code == 200


def test_the_preview_is_what_the_mail_would_say_without_its_secret(
    account: Account, alice: Person, charlie: Person
) -> None:
    draft = ItemDraft(message="Cold coffee", channel=FeedbackItem.Channel.PRODUCT)
    items.create(account=account, draft=draft, actor=BY)
    text = alice.signed_in().get(PAGE).content.decode()
    assert "1 new item: feedback on" in text
    assert "Cold coffee" in text
    assert digests.token_of(alice.user) not in text
    assert "Cold coffee" not in charlie.signed_in().get(PAGE).content.decode()
