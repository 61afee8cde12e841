"""Asking one customer for feedback."""

from __future__ import annotations

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import requests, templates
from campaigns.domain.sender import run
from campaigns.models import Message, OutboxEntry
from crm.models import Customer, Location


@pytest.fixture
def customer(account: Account) -> Customer:
    location = Location.objects.create(account=account, name="Main Street", country_code="US")
    customer = Customer.objects.create(
        account=account, email="jane@example.com", mobile_number="+12015550123", fname="Jane"
    )
    customer.locations.add(location)
    return customer


@pytest.mark.django_db(transaction=True)
def test_a_request_goes_out_by_email(account: Account, customer: Customer):
    email, _sms = templates.defaults_for(account)
    request = requests.create(account=account, customer=customer, template=email, actor=SYSTEM)
    assert run.run() == 1
    message = Message.objects.get(feedback_request=request)
    print(message.html_body, message.text_body, message.subject)
    assert message.state == Message.State.ACCEPTED
    entry = OutboxEntry.objects.get()
    print(entry.headers)
    assert entry.address == "jane@example.com"
