"""What the sender's tests start from: somebody to ask, something to ask with, a provider that does as told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any

from django.db.models.functions import Now

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import requests, templates
from campaigns.models import FeedbackRequest, Message, MessageTemplate
from campaigns.providers import base
from campaigns.providers.base import Envelope, Outcome
from crm.models import Customer, Location

_numbers = count(1)


def location_of(account: Account) -> Location:
    found, _ = Location.objects.get_or_create(account=account, name="Main Street", country_code="US")
    return found


def somebody(account: Account, **fields: Any) -> Customer:
    """A customer of the account's one location, with an e-mail address and a possible mobile number of their own."""
    number = next(_numbers)
    given = {
        "email": f"guest{number}@example.com",
        "mobile_number": f"+1201{2000000 + number}",
        "fname": "Jane",
        **fields,
    }
    customer = Customer.objects.create(account=account, **given)
    customer.locations.add(location_of(account))
    return customer


def template_of(account: Account, channel: str) -> MessageTemplate:
    found = MessageTemplate.objects.for_account(account).alive().filter(channel=channel).first()
    return found or next(made for made in templates.defaults_for(account) if made.channel == channel)


def ask(
    account: Account, channel: str = "email", *, customer: Customer | None = None, due: datetime | None = None
) -> FeedbackRequest:
    """A request whose message is due now, or at `due`."""
    return requests.create(
        account=account,
        customer=customer or somebody(account),
        template=template_of(account, channel),
        due=due,
        actor=SYSTEM,
    )


def message_of(request: FeedbackRequest) -> Message:
    return Message.objects.get(feedback_request=request)


def make_due(*messages: Message) -> None:
    """As if the pause before the next look were over."""
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(next_try_at=Now())


def lose_lease(message: Message) -> None:
    """As if its holder had been away for too long."""
    Message.objects.filter(pk=message.pk).update(lease_until=Now() - timedelta(seconds=1))


@dataclass
class Scripted:
    """Answers with the outcomes given, the last one for ever, and remembers what it was handed."""

    outcomes: list[Outcome] = field(default_factory=lambda: [base.accepted("ref-1", status=200)])
    name: str = "scripted"
    remembers: timedelta | None = None
    sent: list[Envelope] = field(default_factory=list)
    # Called with the envelope before the answer.
    meanwhile: Callable[[Envelope], None] = lambda _envelope: None
    lock: Any = field(default_factory=Lock)

    def send(self, envelope: Envelope) -> Outcome:
        with self.lock:
            self.sent.append(envelope)
            self.meanwhile(envelope)
            return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]

    def close(self) -> None:
        """Holds nothing."""
