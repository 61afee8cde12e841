"""Real conversations: with a server that takes everything, and with ones that fail at each step."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pytest_django import Settings

from campaigns.providers import base, registry, smtp_conversation
from campaigns.providers.base import Finding, Outcome, Verdict
from campaigns.providers.smtp import SmtpProvider
from campaigns.providers.smtp_conversation import Server
from tests.campaigns.providers.envelopes import late, mail


class Sink:
    """An aiosmtpd handler that answers as told."""

    def __init__(self, *, rcpt: str = "250 OK", data: str = "250 queued as 42") -> None:
        self.rcpt, self.data = rcpt, data
        self.envelopes: list[Any] = []
        self.sessions: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(sink: Sink, **options: Any) -> Iterator[int]:
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def provider(port: int, **options: Any) -> SmtpProvider:
    return SmtpProvider(Server(**{"host": "127.0.0.1", "port": port, "tls": "none", **options}))


def send(port: int, **fields: Any) -> Outcome:
    smtp = provider(port)
    try:
        return smtp.send(mail(**fields))
    finally:
        smtp.close()


def test_a_mail_arrives_whole():
    sink = Sink()
    with serving(sink) as port:
        outcome = send(port, text="One\n.\n..two\n")
    assert outcome == base.accepted("250 queued as 42", status=250)
    [envelope] = sink.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hub@localhost", ["jane@example.com"])
    assert b"\r\nOne\r\n.\r\n..two\r\n" in envelope.content
    assert envelope.content.startswith(b"From: Alice's Bakery <hub@localhost>\r\n")


def test_several_mails_share_a_connection_and_a_refusal_does_not_harm_the_next():
    sink = Sink()
    with serving(sink) as port:
        smtp = provider(port)
        assert smtp.send(mail()).verdict == Verdict.ACCEPTED
        sink.rcpt = "550 5.1.1 no such user"
        assert smtp.send(mail()).verdict == Verdict.REJECTED
        sink.rcpt = "250 OK"
        assert smtp.send(mail()).verdict == Verdict.ACCEPTED
        smtp.close()
    assert len({id(session) for session in sink.sessions}) == 1
    assert len(sink.envelopes) == 2


@pytest.mark.parametrize(
    ("reply", "finding"),
    [
        ("550 5.1.1 no such user", Finding.HARD_BOUNCE),
        ("550 No such user here", Finding.HARD_BOUNCE),
        ("553 5.1.3 bad address", Finding.HARD_BOUNCE),
        ("550 5.2.1 mailbox disabled", Finding.HARD_BOUNCE),
        ("552 5.2.2 mailbox full", None),
        ("550 5.7.1 relaying denied", None),
        ("550 relay not permitted", None),
        ("554 5.7.1 blocked as spam", None),
        ("550 5.1.8 bad sender", None),
        ("501 syntax", None),
    ],
)
def test_a_refused_recipient_is_for_good_and_a_dead_mailbox_is_known(reply: str, finding: Finding | None):
    with serving(Sink(rcpt=reply)) as port:
        outcome = send(port)
    assert outcome == base.refused(f"RCPT: {reply}", status=int(reply[:3]), finding=finding)


@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "452 4.2.2 mailbox full"])
def test_a_deferred_recipient_is_for_now(reply: str):
    with serving(Sink(rcpt=reply)) as port:
        outcome = send(port)
    assert outcome == base.refused_for_now(f"RCPT: {reply}", status=int(reply[:3]))


@pytest.mark.parametrize(("reply", "for_good"), [("554 5.7.1 spam", True), ("451 try later", False)])
def test_an_answer_to_the_whole_message_is_a_fact(reply: str, for_good: bool):
    with serving(Sink(data=reply)) as port:
        outcome = send(port)
    assert (outcome.verdict, outcome.retry_after is None, outcome.finding) == (Verdict.REJECTED, for_good, None)


def test_a_greeting_that_is_held_back_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base, "CONNECT_SECONDS", 0.1)

    def slow(_self: Wire, _connection: socket.socket, step: str) -> bool:
        return step == "GREETING" and threading.Event().wait(0.3)

    monkeypatch.setattr(Wire, "_broken", slow)
    with wired(break_at="") as wire:
        assert send(wire.port).verdict == Verdict.ACCEPTED


def test_nobody_listening_is_not_sent():
    outcome = send(free_port())
    assert (outcome.verdict, outcome.provider_down) == (Verdict.NOT_SENT, True)


def test_waking_up_too_late_sends_nothing():
    sink = Sink()
    with serving(sink) as port:
        smtp = provider(port)
        outcome = smtp.send(late(mail()))
        assert outcome == base.not_sent("woke up too late")
        assert smtp.send(mail()).verdict == Verdict.ACCEPTED
        smtp.close()
    assert len(sink.envelopes) == 1


@pytest.mark.parametrize("to", ["jane@exämple.com", "jane@example.com\r\nRCPT TO:<x@example.com>"])
def test_an_address_that_cannot_be_written_is_refused_here(to: str):
    assert send(free_port(), to=to).verdict == Verdict.REJECTED


class Wire:
    """A server that follows a script: step by step it answers, or does not."""

    REPLIES = {"EHLO": b"250 hi", "MAIL": b"250 ok", "RCPT": b"250 ok", "DATA": b"354 go", "RSET": b"250 ok"}

    def __init__(self, *, break_at: str, with_reply: bytes | None = None) -> None:
        self.break_at, self.with_reply = break_at, with_reply
        self.bodies: list[bytes] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        if self._broken(connection, "GREETING"):
            return
        connection.sendall(b"220 hi\r\n")
        lines = connection.makefile("rb")
        while line := lines.readline():
            verb = line[:4].decode().upper()
            if self._broken(connection, verb):
                return
            connection.sendall(self.REPLIES.get(verb, b"221 bye") + b"\r\n")
            if verb == "DATA" and not self._take_body(connection, lines):
                return

    def _take_body(self, connection: socket.socket, lines: Any) -> bool:
        if self.break_at == "BODY":
            lines.readline()
            return False
        body = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            body += line
        self.bodies.append(body)
        if self._broken(connection, "DOT"):
            return False
        connection.sendall(b"250 taken\r\n")
        return True

    def _broken(self, connection: socket.socket, step: str) -> bool:
        if step != self.break_at:
            return False
        if self.with_reply:
            connection.sendall(self.with_reply + b"\r\n")
        return True

    def close(self) -> None:
        self.listener.close()


@contextmanager
def wired(**script: Any) -> Iterator[Wire]:
    wire = Wire(**script)
    try:
        yield wire
    finally:
        wire.close()


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_body_is_not_sent(step: str):
    with wired(break_at=step) as wire:
        outcome = send(wire.port)
    assert (outcome.verdict, wire.bodies) == (Verdict.NOT_SENT, [])


def test_a_connection_lost_within_the_body_is_not_sent(monkeypatch: pytest.MonkeyPatch):
    with wired(break_at="BODY") as wire:
        outcome = send(wire.port, html="x" * 8_000_000)
    assert (outcome.verdict, wire.bodies) == (Verdict.NOT_SENT, [])


@pytest.mark.parametrize("reply", [None, b"what?", b"2", b"354 more"])
def test_no_readable_answer_after_the_final_dot_is_unknown(reply: bytes | None):
    with wired(break_at="DOT", with_reply=reply) as wire:
        outcome = send(wire.port)
    assert (outcome.verdict, len(wire.bodies)) == (Verdict.UNKNOWN, 1)


def test_silence_after_the_final_dot_is_unknown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp_conversation, "LAST_REPLY_SECONDS", 0.2)
    hold = threading.Event()
    monkeypatch.setattr(Wire, "_broken", lambda _self, _connection, step: step == "DOT" and hold.wait(2))
    with wired(break_at="DOT") as wire:
        outcome = send(wire.port)
        hold.set()
    assert (outcome.verdict, len(wire.bodies)) == (Verdict.UNKNOWN, 1)


@pytest.mark.parametrize(
    ("step", "reply", "verdict"),
    [
        ("GREETING", b"554 no", Verdict.NOT_SENT),
        ("GREETING", b"421 busy", Verdict.NOT_SENT),
        ("MAIL", b"421 closing", Verdict.REJECTED),
        ("MAIL", b"550 sender refused", Verdict.REJECTED),
        ("DATA", b"451 later", Verdict.REJECTED),
        ("DATA", b"554 no valid recipients", Verdict.REJECTED),
    ],
)
def test_a_refusal_before_the_body_is_a_fact(step: str, reply: bytes, verdict: Verdict):
    with wired(break_at=step, with_reply=reply) as wire:
        outcome = send(wire.port)
    assert (outcome.verdict, wire.bodies) == (verdict, [])


def test_an_idle_connection_that_the_server_closed_is_replaced_once():
    sink = Sink()
    with serving(sink) as port:
        smtp = provider(port)
        assert smtp.send(mail()).verdict == Verdict.ACCEPTED
        assert smtp.conversation._smtp is not None
        assert smtp.conversation._smtp.sock is not None
        # The server's end goes away without our noticing.
        smtp.conversation._smtp.sock.shutdown(socket.SHUT_RDWR)
        assert smtp.send(mail()).verdict == Verdict.ACCEPTED
        smtp.close()
    assert len(sink.envelopes) == 2


def test_an_old_idle_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch):
    sink = Sink()
    with serving(sink) as port:
        smtp = provider(port)
        smtp.send(mail())
        smtp.conversation._used_at -= 6
        smtp.send(mail())
        smtp.close()
    assert len({id(session) for session in sink.sessions}) == 2


def test_a_password_is_sent_only_over_tls(tls_files: tuple[str, Any]):
    seen: list[LoginPassword] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.password == b"right", handled=False)

    ca_file, context = tls_files
    sink = Sink()
    options = {"authenticator": check, "auth_required": True, "tls_context": context, "require_starttls": True}
    with serving(sink, **options) as port:
        with_tls = {"host": "localhost", "tls": "starttls", "ca_file": ca_file, "user": "hub"}
        good = provider(port, password="right", **with_tls)
        assert good.send(mail()).verdict == Verdict.ACCEPTED
        good.close()
        bad = provider(port, password="wrong", **with_tls).send(mail())
        assert (bad.verdict, bad.provider_down) == (Verdict.NOT_SENT, True)
        assert "wrong" not in bad.error
        # Another name, or a certificate that nobody vouches for: no TLS, no password.
        count = len(seen)
        for changed in ({"host": "127.0.0.1"}, {"ca_file": None}):
            outcome = provider(port, password="right", **{**with_tls, **changed}).send(mail())
            assert outcome.verdict == Verdict.NOT_SENT
        assert len(seen) == count
    with serving(Sink()) as plain:
        outcome = provider(plain, password="right", **with_tls).send(mail())
    assert outcome.verdict == Verdict.NOT_SENT
    assert len(sink.envelopes) == 1


def test_tls_from_the_first_byte(tls_files: tuple[str, Any]):
    ca_file, context = tls_files
    sink = Sink()
    controller = Controller(sink, hostname="localhost", port=free_port(), ssl_context=context)
    controller.start()
    try:
        smtp = provider(controller.port, host="localhost", tls="implicit", ca_file=ca_file)
        assert smtp.send(mail()).verdict == Verdict.ACCEPTED
        smtp.close()
    finally:
        controller.stop()
    assert len(sink.envelopes) == 1


def test_the_setting_builds_it(settings: Settings):
    settings.EMAIL_PROVIDER_URL = "smtp://us%40er:p%2Fw@mail.example.com:587"
    built = registry.for_channel("email")
    assert isinstance(built, SmtpProvider)
    server = built.conversation.server
    assert (server.host, server.port, server.tls, server.user, server.password) == (
        "mail.example.com",
        587,
        "starttls",
        "us@er",
        "p/w",
    )
