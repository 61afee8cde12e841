"""Provider settings: junk is named, never printed."""

from __future__ import annotations

import pytest
from django.core.checks import Error
from pytest_django import Settings

from campaigns import checks
from campaigns.providers import registry
from campaigns.providers.outbox import OutboxProvider
from campaigns.providers.registry import BadProviderURL


@pytest.mark.parametrize(
    ("variable", "url", "why"),
    [
        ("EMAIL_PROVIDER_URL", "gmail://x", "starts with gmail; it must start with one of: outbox://, console://"),
        ("EMAIL_PROVIDER_URL", "mail.example.com", "starts with no scheme"),
        ("EMAIL_PROVIDER_URL", "twilio://AC1:t@api.twilio.com?from=x", "starts with twilio"),
        ("EMAIL_PROVIDER_URL", "smtp://", "names no host"),
        ("EMAIL_PROVIDER_URL", "smtp://host:port", "cannot be read"),
        ("EMAIL_PROVIDER_URL", "smtp://host?tls=maybe", "has tls=maybe; use one of: none, starttls"),
        ("EMAIL_PROVIDER_URL", "smtp://host?timeout=5", "has an option nobody knows: timeout"),
        ("EMAIL_PROVIDER_URL", "smtps://host?tls=none", "has an option nobody knows: tls"),
        ("SMS_PROVIDER_URL", "smtp://host", "starts with smtp"),
        ("SMS_PROVIDER_URL", "twilio://api.twilio.com?from=x", "lacks the account"),
        ("SMS_PROVIDER_URL", "twilio://AC1:hunter2@api.twilio.com", "lacks ?from="),
        ("SMS_PROVIDER_URL", "twilio://AC1:hunter2@api.twilio.com?from=1&scheme=ftp", "has scheme=ftp"),
        ("SMS_PROVIDER_URL", "file://relative/path", "must name an absolute path"),
        ("SMS_PROVIDER_URL", "relay://host/send?remembers=1h", "needs remembers= in whole seconds"),
    ],
)
def test_a_bad_setting_is_a_clear_error_and_a_failed_check(settings: Settings, variable: str, url: str, why: str):
    setattr(settings, variable, url)
    with pytest.raises(BadProviderURL) as caught:
        registry.for_channel("email" if variable.startswith("EMAIL") else "sms")
    assert str(caught.value).startswith(f"{variable} {why}")
    assert "hunter2" not in str(caught.value)
    assert checks.providers_are_set(None) == [Error(str(caught.value), id="campaigns.E001")]


def test_secrets_over_plain_http_are_refused_in_production(settings: Settings):
    settings.PRODUCTION = True
    settings.SMS_PROVIDER_URL = "twilio://AC1:hunter2@sms.example.com?from=x&scheme=http"
    with pytest.raises(BadProviderURL, match="plain http"):
        registry.for_channel("sms")
    settings.SMS_PROVIDER_URL = "twilio://AC1:hunter2@127.0.0.1:8080?from=x&scheme=http"
    registry.for_channel("sms")


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://host", 25, "none"),
        ("smtp://host:2525", 2525, "none"),
        ("smtp://host:587", 587, "starttls"),
        ("smtp://u:p@host", 587, "starttls"),
        ("smtp://u:p@host:25?tls=none", 25, "none"),
        ("smtps://u:p@host", 465, "implicit"),
    ],
)
def test_smtp_defaults_never_send_a_password_in_the_clear(settings: Settings, url: str, port: int, tls: str):
    settings.EMAIL_PROVIDER_URL = url
    server = registry.for_channel("email").conversation.server  # type: ignore[attr-defined]
    assert (server.port, server.tls) == (port, tls)


def test_the_default_is_the_outbox(settings: Settings):
    assert isinstance(registry.for_channel("email"), OutboxProvider)
    assert isinstance(registry.for_channel("sms"), OutboxProvider)
    assert checks.providers_are_set(None) == []


def test_a_production_hub_that_keeps_its_mail_is_warned_of(settings: Settings):
    assert checks.messages_leave_the_hub(None) == []
    settings.PRODUCTION = True
    assert [found.id for found in checks.messages_leave_the_hub(None)] == ["campaigns.W001"]
    settings.EMAIL_PROVIDER_URL = "smtp://host"
    assert checks.messages_leave_the_hub(None) == []
