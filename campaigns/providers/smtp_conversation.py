"""One SMTP conversation, step by step, so that it is known which step failed.

Up to the end of the body nothing is sent: a server may only deliver what was closed by the final dot. From the dot on,
everything but a readable reply leaves the fate unknown. A reply is a fact: 2xx accepted, 4xx and 5xx refused.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from campaigns import failpoints
from campaigns.providers import base
from campaigns.providers.base import Finding, Outcome
from feedbackhub import guard

# An idle connection older than this may have been closed by the server without our knowing.
IDLE_SECONDS = 5.0
# Content filters read the whole message before the server answers: giving up sooner would turn delivered mails into
# ones of unknown fate.
LAST_REPLY_SECONDS = 30.0
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)
# The mailbox does not exist or takes nothing any more (RFC 3463): 5.1.x but for the sender's address, 5.2.1.
_DEAD = re.compile(r"\b5\.(?:1\.(?:[0-6]|10)|2\.1)\b")
_ENHANCED = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
# Without such a code, 550 at RCPT means "no such mailbox" unless its words speak of something else: suppressing a
# whole audience because a relay is not set up would be worse than trying one dead address again.
_NOT_ABOUT_THE_MAILBOX = re.compile(r"relay|denied|polic|spam|block|auth|sender|reject|list|limit", re.IGNORECASE)

Failures = (OSError, smtplib.SMTPException)


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"]
    user: str = ""
    password: str = ""
    # Certificates to trust instead of the system's.
    ca_file: str | None = None
    # Our name in EHLO.
    name: str = "localhost"
    # A tenant named the host, so it must be one of the open internet.
    guarded: bool = False

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)


class _Patience:
    """Connecting is quick or does not happen; the greeting may be held back on purpose."""

    guarded = False

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        # TLS checks the certificate against the name all the same.
        where = guard.public_address(host, port) if self.guarded else host
        sock: socket.socket = super()._get_socket(where, port, base.CONNECT_SECONDS)  # type: ignore[misc]
        sock.settimeout(base.READ_SECONDS)
        return sock


class _Client(_Patience, smtplib.SMTP):
    pass


class _TLSClient(_Patience, smtplib.SMTP_SSL):
    pass


class Conversation:
    """Keeps its connection for the next message for a few seconds. Not for use by two threads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    def deliver(
        self, *, sender: str, recipients: Sequence[str], data: bytes, too_late: Callable[[], bool] = lambda: False
    ) -> Outcome:
        """`data` has CRLF line ends. With several recipients the first refusal refuses the message for all."""
        reused = self._reusable()
        outcome = self._try(sender, recipients, data, too_late)
        if outcome is None and reused:
            # The server had closed the idle connection. Nothing was sent, so a new one is no second attempt.
            outcome = self._try(sender, recipients, data, too_late)
        return outcome or base.not_sent("the server closed the connection", provider_down=True)

    def try_out(self) -> str:
        """What is wrong with connecting and signing in; "" when nothing is."""
        try:
            self._connection()
        except Failures as error:
            self._drop()
            return _words(error)
        self.close()
        return ""

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(*Failures):
                self._smtp.quit()
        self._drop()

    def _try(self, sender: str, recipients: Sequence[str], data: bytes, too_late: Callable[[], bool]) -> Outcome | None:
        """None when the connection broke before the message was on its way."""
        try:
            smtp = self._connection()
        except Failures as error:
            self._drop()
            return base.not_sent(f"no connection: {_words(error)}", provider_down=True)
        try:
            refusal = _envelope(smtp, sender, recipients)
            if refusal is None and too_late():
                self._drop()
                return base.not_sent("woke up too late")
            refusal = refusal or _open_data(smtp)
            if refusal is None:
                assert smtp.sock is not None
                smtp.sock.sendall(_stuffed(data))
        except Failures:
            self._drop()
            return None
        return self._refused(smtp, refusal) if refusal else self._close_data(smtp)

    def _close_data(self, smtp: smtplib.SMTP) -> Outcome:
        """The final dot and its reply: the only stretch whose failure leaves the fate unknown."""
        try:
            assert smtp.sock is not None
            smtp.sock.settimeout(LAST_REPLY_SECONDS)
            smtp.sock.sendall(b".\r\n")
            failpoints.hit("after_write")
            code, reply = smtp.getreply()
            smtp.sock.settimeout(base.READ_SECONDS)
        except Failures as error:
            self._drop()
            return base.unknown(f"no answer after the message: {_words(error)}")
        failpoints.hit("after_provider_accept")
        text = f"{code} {_text(reply)}"
        self._used_at = monotonic()
        if 200 <= code < 300:
            return base.accepted(text, status=code)
        if 400 <= code < 600:
            return self._refused(smtp, _refusal("DATA", code, reply))
        self._drop()
        return base.unknown(f"unreadable answer: {text}")

    def _refused(self, smtp: smtplib.SMTP, refusal: Outcome) -> Outcome:
        try:
            if refusal.status == 421:
                self._drop()
            else:
                smtp.rset()
        except Failures:
            self._drop()
        return refusal

    def _reusable(self) -> bool:
        return self._smtp is not None and monotonic() - self._used_at < IDLE_SECONDS

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is not None and not self._reusable():
            self.close()
        if self._smtp is None:
            self._smtp = _connect(self.server)
        self._used_at = monotonic()
        failpoints.hit("after_connect")
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _connect(server: Server) -> smtplib.SMTP:
    """Connected, greeted, encrypted and signed in; raises OSError or SMTPException."""
    if server.tls == "implicit":
        smtp: smtplib.SMTP = _TLSClient(local_hostname=server.name, context=server.context())
    else:
        smtp = _Client(local_hostname=server.name)
    # smtplib checks the certificate against this name, which its constructor leaves empty when it does not connect.
    smtp._host = server.host  # type: ignore[attr-defined]
    smtp.guarded = server.guarded  # type: ignore[attr-defined]
    try:
        code, reply = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        assert smtp.sock is not None
        # The final dot is a small packet of its own: without this it waits for the acknowledgement of the body.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            # Raises when the server does not offer it: no silent fall-back to plain text.
            smtp.starttls(context=server.context())
            smtp.ehlo_or_helo_if_needed()
        if server.user:
            _sign_in(smtp, server)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _sign_in(smtp: smtplib.SMTP, server: Server) -> None:
    """By one mechanism: smtplib's own login tries all that are offered, and each wrong try counts for a lock-out."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    known = ["PLAIN", "LOGIN", "CRAM-MD5"] if server.tls != "none" else ["CRAM-MD5", "PLAIN", "LOGIN"]
    mechanism = next((one for one in known if one in offered), None)
    if mechanism is None:
        raise smtplib.SMTPNotSupportedError(f"no way to sign in; offered: {' '.join(offered) or 'none'}")
    smtp.user, smtp.password = server.user, server.password
    smtp.auth(mechanism, getattr(smtp, f"auth_{mechanism.lower().replace('-', '_')}"))


def _envelope(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> Outcome | None:
    """MAIL and RCPT; the refusal, if one is refused."""
    code, reply = smtp.mail(sender)
    if code != 250:
        return _refusal("MAIL", code, reply)
    for recipient in recipients:
        code, reply = smtp.rcpt(recipient)
        if code not in (250, 251):
            return _refusal("RCPT", code, reply)
    return None


def _open_data(smtp: smtplib.SMTP) -> Outcome | None:
    code, reply = smtp.docmd("DATA")
    return None if code == 354 else _refusal("DATA", code, reply)


def _refusal(step: str, code: int, reply: bytes) -> Outcome:
    text = _text(reply)
    said = f"{step}: {code} {text}"
    if code < 0:
        return base.not_sent(f"unreadable answer to {step}", provider_down=True)
    if not 500 <= code < 600:
        return base.refused_for_now(said, status=code)
    return base.refused(said, status=code, finding=Finding.HARD_BOUNCE if _is_dead(step, code, text) else None)


def _is_dead(step: str, code: int, text: str) -> bool:
    if step != "RCPT":
        return False
    if _ENHANCED.search(text):
        return bool(_DEAD.search(text))
    return code in (550, 551, 553) and not _NOT_ABOUT_THE_MAILBOX.search(text)


def _stuffed(data: bytes) -> bytes:
    """A leading dot doubled, so that no line of ours ends the message (RFC 5321, 4.5.2)."""
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    return _LINE_DOT.sub(b"..", ended)


def _text(reply: bytes) -> str:
    return " ".join(reply.decode("utf-8", "replace").split())[:400]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        return f"{error.smtp_code} {_text(raw) if isinstance(raw, bytes) else raw}"
    return f"{type(error).__name__} {error}".strip()[:400]
