"""An account's own providers: kept sealed, tried out, and found by whoever sends or is called back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from campaigns.models import ProviderCredentials
from campaigns.providers import base, registry
from campaigns.providers.base import Envelope, Outcome, Provider
from feedbackhub import sealing
from feedbackhub.errors import Invalid, NotFound
from feedbackhub.ids import new_code

CHANNELS = ("email", "sms")


@dataclass
class Unusable:
    """Stands in for credentials that cannot be read: their messages wait, and never go by somebody else's."""

    name: str
    why: str
    remembers: timedelta | None = None

    def send(self, envelope: Envelope) -> Outcome:
        return base.not_sent(f"The account's provider cannot be used: {self.why}", provider_down=True)

    def close(self) -> None:
        """Holds nothing."""


def save(*, account: Account, channel: str, url: str, actor: Actor) -> ProviderCredentials:
    """Add or replace the account's provider of a channel; Invalid for a URL that names none."""
    row = ProviderCredentials.objects.for_account(account).filter(channel=channel).first()
    code = row.public_id if row else new_code()
    url = url.strip()
    try:
        registry.own(channel=channel, url=url, code=code)
    except registry.BadProviderURL as error:
        raise Invalid(str(error), field="url") from error
    with acting(actor), transaction.atomic():
        row, _ = ProviderCredentials.objects.update_or_create(
            account=account,
            channel=channel,
            defaults={
                "sealed_url": sealing.seal(url),
                "summary": summary_of(url),
                "active": True,
                "tested_at": None,
                "test_result": "",
            },
            create_defaults={"public_id": code, "sealed_url": sealing.seal(url), "summary": summary_of(url)},
        )
    return row


def switch(*, credentials: ProviderCredentials, on: bool, actor: Actor) -> None:
    """Off: the hub's own provider serves the account, and the credentials stay."""
    with acting(actor):
        credentials.active = on
        credentials.save(update_fields=["active", "updated_at"])


def remove(*, credentials: ProviderCredentials, actor: Actor) -> None:
    """From now on the hub's own provider serves the account. What is under way keeps its name."""
    with acting(actor):
        credentials.delete()


def try_out(*, credentials: ProviderCredentials, actor: Actor) -> str:
    """Connects and signs in, and sends nothing; what is wrong, or "". Kept with the row. Call it outside of any
    transaction."""
    provider = provider_of(credentials)
    if isinstance(provider, Unusable):
        problem = provider.why
    else:
        ask = getattr(provider, "try_out", None)
        problem = ask()[:500] if ask else ""
        provider.close()
    with acting(actor):
        ProviderCredentials.objects.filter(pk=credentials.pk).update(tested_at=timezone.now(), test_result=problem)
    return problem


def provider_of(credentials: ProviderCredentials) -> Provider:
    try:
        url = sealing.unseal(credentials.sealed_url)
        return registry.own(channel=credentials.channel, url=url, code=credentials.public_id)
    except (sealing.Unreadable, registry.BadProviderURL) as error:
        return Unusable(f"unusable@{credentials.public_id}", str(error))


def own_providers() -> dict[tuple[int, str], Provider]:
    """Of every account that has its own, by account and channel."""
    rows = ProviderCredentials.objects.filter(active=True).defer("summary")
    return {(row.account_id, row.channel): provider_of(row) for row in rows}


def serving(*, account: Account, channel: str) -> Provider:
    """Who sends for the account: its own, else the hub's."""
    row = ProviderCredentials.objects.for_account(account).filter(channel=channel, active=True).first()
    return provider_of(row) if row else registry.for_channel(channel)


def called_back(*, code: str, channel: str) -> tuple[Provider, Account | None]:
    """The provider behind the code in an address that is called from outside, and whose it is (None: the hub's).

    Raises NotFound. Credentials that are switched off are still listened to: a STOP must arrive.
    """
    if code == registry.HUB:
        return registry.for_channel(channel), None
    row = ProviderCredentials.objects.filter(public_id=code, channel=channel).select_related("account").first()
    if row is None or isinstance(provider := provider_of(row), Unusable):
        raise NotFound("No such provider.")
    return provider, row.account


def hooks_of(credentials: ProviderCredentials) -> list[str]:
    """The addresses that this provider is to call."""
    code, kind = credentials.public_id, credentials.summary.partition(" ")[0]
    paths = {
        "twilio": [f"twilio/{code}/incoming"],
        "relay": [f"relay/{code}/{credentials.channel}"],
        "smtp": [f"sns/{code}"],
        "smtps": [f"sns/{code}"],
        "anymail": [f"mail/{code}"],
    }.get(kind, [])
    return [f"{settings.BASE_URL}/hooks/{path}" for path in paths]


def summary_of(url: str) -> str:
    """Kind and host: nothing that is a secret."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme} {parts.hostname or ''}{port}"[:200]
