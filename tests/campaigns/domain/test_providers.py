"""An account's own provider: sealed, used for nobody else, and no way into our own network."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import providers
from campaigns.domain.sender import arming, run
from campaigns.models import Message, ProviderCredentials, SendAttempt
from campaigns.providers import base, registry
from campaigns.providers.anymail import VENDORS
from campaigns.providers.smtp_conversation import Conversation, Server
from feedbackhub import guard, sealing
from feedbackhub.errors import Invalid, NotFound
from tests.campaigns.asking import Scripted, ask, message_of, somebody
from tests.campaigns.providers.envelopes import sms
from tests.campaigns.providers.http_fake import Answer, serving
from tests.conftest import Person

RELAY = "relay://hunter2@sms.example.com/send?from=%2B15005550009"


def own(account: Account, url: str = RELAY, channel: str = "sms") -> ProviderCredentials:
    return providers.save(account=account, channel=channel, url=url, actor=SYSTEM)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Scripted]:
    """By name: the hub's own, and whichever an account brings."""
    made = {"hub": Scripted(name="hub")}

    def of_account(row: ProviderCredentials) -> Scripted:
        return made.setdefault(row.public_id, Scripted(name=f"own@{row.public_id}"))

    monkeypatch.setattr(registry, "for_channel", lambda _channel: made["hub"])
    monkeypatch.setattr(providers, "provider_of", of_account)
    return made


@pytest.mark.django_db
class TestCredentials:
    def test_the_secret_is_sealed_and_only_kind_and_host_are_shown(self, account: Account):
        row = own(account)
        assert "hunter2" not in row.sealed_url
        assert (row.summary, sealing.unseal(row.sealed_url)) == ("relay sms.example.com", RELAY)
        again = own(account, RELAY.replace("hunter2", "hunter3"))
        assert (again.pk, again.public_id) == (row.pk, row.public_id)

    @pytest.mark.parametrize(
        ("channel", "url", "why"),
        [
            ("sms", "outbox://", "starts with outbox"),
            ("sms", "file:///etc/passwd", "starts with file"),
            ("email", "smtp://u:p@mail.example.com", "lacks ?from="),
            ("email", "smtp://u:p@mail.example.com?from=nobody", "needs an e-mail address as from="),
            ("email", "smtp://u:p@mail.example.com?from=a@b.example&ca=/etc/passwd", "nobody knows: ca"),
            ("email", "anymail://postmark?from=a@b.example&server_token=t&api_url=http://127.0.0.1/", "as it is"),
            ("email", "anymail://amazon_ses?from=a@b.example", "names a vendor nobody knows"),
            ("email", "anymail://postmark?from=a@b.example", "does not fit postmark"),
            ("email", "anymail://postmark?from=a@b.example&server_token=t&tokn=x", "has no option tokn"),
            ("email", "anymail://postmark?from=a@b.example&server_token=t&webhook_secret=a:b", "24 characters"),
        ],
    )
    def test_what_names_no_provider_of_ones_own_is_refused(self, account: Account, channel: str, url: str, why: str):
        with pytest.raises(Invalid, match="The URL") as caught:
            own(account, url, channel)
        assert why in caught.value.message
        assert not ProviderCredentials.objects.exists()

    def test_every_vendor_of_anymail_can_be_named(self):
        options = {
            "mailgun": "api_key=k&sender_domain=x.example",
            "mailjet": "api_key=k&secret_key=s",
            "mailtrap": "api_token=k",
            "postal": "api_key=k&api_url=https://postal.example/",
            "postmark": "server_token=k",
            "mailersend": "api_token=k",
            "scaleway": "secret_key=s&project_id=p",
            "unisender_go": "api_key=k&api_url=https://go.example/",
        }
        for vendor in VENDORS:
            url = f"anymail://{vendor}?from=a@b.example&{options.get(vendor, 'api_key=k')}"
            assert registry._built("email", "X", url, "", "").name == f"anymail.{vendor}"

    def test_the_console_never_shows_the_secret(self, account: Account, alice: Person):
        client, row = alice.signed_in(), own(account)
        page = client.get(f"/console/campaigns/providercredentials/{row.pk}/change/").content.decode()
        assert ("relay sms.example.com" in page, "hunter2" in page, row.sealed_url in page) == (True, False, False)
        form = {"active": "on", "url": ""}
        assert client.post(f"/console/campaigns/providercredentials/{row.pk}/change/", form).status_code == 302
        row.refresh_from_db()
        assert sealing.unseal(row.sealed_url) == RELAY

    def test_it_is_added_tried_and_removed_by_the_owner_alone(
        self, account: Account, alice: Person, bob: Person, charlie: Person, monkeypatch: pytest.MonkeyPatch
    ):
        base_url = "/console/campaigns/providercredentials/"
        added = {"account": account.pk, "channel": "sms", "url": RELAY}
        assert bob.signed_in().post(f"{base_url}add/", added).status_code == 403
        assert alice.signed_in().post(f"{base_url}add/", added).status_code == 302
        row = ProviderCredentials.objects.get()
        answers = {"try_out": lambda _self: "401 Unauthorized"}
        monkeypatch.setattr("campaigns.providers.relay.RelayProvider.try_out", answers["try_out"])
        for somebody_else, status in ((bob, 404), (charlie, 404)):
            assert somebody_else.signed_in().post(f"{base_url}{row.pk}/test/").status_code == status
        assert alice.signed_in().get(f"{base_url}{row.pk}/test/").status_code == 404
        assert alice.signed_in().post(f"{base_url}{row.pk}/test/").status_code == 302
        row.refresh_from_db()
        assert (row.test_result, row.tested_at is not None) == ("401 Unauthorized", True)
        assert alice.signed_in().post(f"{base_url}{row.pk}/delete/", {"post": "yes"}).status_code == 302
        assert not ProviderCredentials.objects.exists()

    def test_whoever_is_called_back_is_named_by_the_code(self, account: Account, settings: Settings):
        row = own(account)
        provider, owner = providers.called_back(code=row.public_id, channel="sms")
        assert (provider.name, owner) == (f"relay@{row.public_id}", account)
        for code, channel in ((row.public_id, "email"), ("nobody", "sms")):
            with pytest.raises(NotFound):
                providers.called_back(code=code, channel=channel)

    def test_a_forged_call_for_an_account_is_refused(self, account: Account):
        row = own(account, "twilio://AC1:token@api.twilio.com?from=%2B15005550009")
        reply = Client().post(f"/hooks/twilio/{row.public_id}/incoming", {"From": "+1", "To": "+2"})
        assert reply.status_code == 403


@pytest.mark.django_db(transaction=True)
class TestSending:
    def test_each_account_s_messages_go_by_its_own(
        self, account: Account, other_account: Account, scripted: dict[str, Scripted]
    ):
        row = own(account)
        hers = [message_of(ask(account, "sms")) for _ in range(2)]
        others = [message_of(ask(account)), message_of(ask(other_account, "sms", customer=somebody(other_account)))]
        assert run.run() == 4
        assert {sent.message_id for sent in scripted[row.public_id].sent} == {message.pk for message in hers}
        assert {sent.message_id for sent in scripted["hub"].sent} == {message.pk for message in others}
        names = SendAttempt.objects.filter(message__in=hers).values_list("provider", flat=True)
        assert set(names) == {f"own@{row.public_id}"}

    def test_one_that_is_down_delays_nobody_else(
        self, account: Account, other_account: Account, scripted: dict[str, Scripted]
    ):
        row = own(account)
        scripted[row.public_id] = Scripted([base.not_sent("refused", provider_down=True)], name=f"own@{row.public_id}")
        for _ in range(30):
            ask(account, "sms")
            ask(other_account, "sms", customer=somebody(other_account))
        assert run.run() == 31
        assert (len(scripted[row.public_id].sent), len(scripted["hub"].sent)) == (1, 30)

    def test_one_that_cannot_be_read_holds_the_messages_back(self, account: Account):
        row = own(account)
        ProviderCredentials.objects.filter(pk=row.pk).update(sealed_url="sealed with a lost key")
        message = message_of(ask(account, "sms"))
        run.run()
        message.refresh_from_db()
        assert (message.state, "cannot be used: sealed with a key" in message.reason) == ("scheduled", True)

    def test_switched_off_the_hub_s_serves(self, account: Account, scripted: dict[str, Scripted]):
        providers.switch(credentials=own(account), on=False, actor=SYSTEM)
        ask(account, "sms")
        assert (run.run(), len(scripted["hub"].sent)) == (1, 1)

    def test_after_a_restore_nothing_is_known_of_it(self, account: Account, other_account: Account):
        own(account)
        hers = message_of(ask(account, "sms"))
        ask(other_account, "sms", customer=somebody(other_account))
        from datetime import timedelta

        remembering = Scripted(remembers=timedelta(days=1))
        found = arming.reconcile(since=timezone.now() - timedelta(hours=1), providers={"sms": remembering})
        assert found == {"sent again under its key": 1, "fate unknown": 1}
        assert Message.objects.get(pk=hers.pk).state == "unknown_final"


class TestTheGuard:
    def test_private_addresses_are_none(self):
        private = """
            127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1
            :: fe80::1 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 ff02::1
            """
        assert [one for one in private.split() if guard.is_public(ipaddress.ip_address(one))] == []

    @pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
    def test_public_ones_are(self, address: str):
        assert guard.is_public(ipaddress.ip_address(address))

    def test_one_private_address_among_others_is_enough(self, monkeypatch: pytest.MonkeyPatch):
        def two(*_: Any, **__: Any) -> list[Any]:
            return [(0, 0, 0, "", ("1.1.1.1", 25)), (0, 0, 0, "", ("127.0.0.1", 25))]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        with pytest.raises(guard.NotPublic):
            guard.public_address("rebinding.example", 25)

    def test_a_relay_on_this_machine_is_never_called_for_an_account(self):
        with serving(Answer(200, {"id": "r"})) as fake:
            made = registry.own(channel="sms", url=f"relay://t@127.0.0.1:{fake.port}/x?scheme=http", code="abc")
            outcome = made.send(sms())
            made.close()
        assert (outcome.verdict, fake.seen) == (base.Verdict.NOT_SENT, [])

    def test_nor_a_mail_server(self):
        said = Conversation(Server(host="localhost", port=25, tls="none", guarded=True)).try_out()
        assert "not an address of the open internet" in said
