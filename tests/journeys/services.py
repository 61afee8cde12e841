"""A whole hub as processes: web, worker and beat over a database of their own, an SMTP sink and a fake SMS provider."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx2
import psycopg
from aiosmtpd.controller import Controller

from tests import database

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


def eventually(probe: Callable[[], T | None], *, seconds: float = 20, what: str = "it") -> T:
    """The first true answer of `probe`, asked ten times a second."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class MailSink:
    """A real SMTP server that keeps what it is given."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.recipients.append(list(envelope.rcpt_tos))
        self.mails.append(message_from_bytes(envelope.content, policy=default_policy))  # type: ignore[arg-type]
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        pairs = zip(self.recipients, self.mails, strict=True)
        return [mail for recipients, mail in pairs if address in recipients]


@dataclass
class SmsProvider:
    """Answers like Twilio's message resource."""

    sent: list[dict[str, str]] = field(default_factory=list)

    def serve(self) -> ThreadingHTTPServer:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                provider.sent.append(form)
                answer = f'{{"sid": "SM{len(provider.sent):032x}", "status": "queued"}}'.encode()
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def to(self, number: str) -> list[dict[str, str]]:
        return [message for message in self.sent if message["To"] == number]


@dataclass
class Hub:
    """A running hub and the two worlds it sends to."""

    url: str
    environment: dict[str, str]
    mail: MailSink
    sms: SmsProvider

    def manage(self, *arguments: str) -> str:
        """The standard output of a management command."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def client(self, key: str = "", **headers: str) -> httpx2.Client:
        """An HTTP client with the key as Basic user name, as the FeedbackAPI's samples have it."""
        return httpx2.Client(base_url=self.url, auth=(key, "") if key else None, headers=headers, timeout=15)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """A migrated database on the suite's server; yields its URL."""
    name = f"journey_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database.template(url)}"')
        try:
            yield database.named(url, name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def process(*command: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(5)


def with_database(url: str, number: int) -> str:
    """The same Redis address with another database number."""
    base = url.partition("?")[0]
    if url.startswith("redis+socket"):
        return f"{base}?virtual_host={number}"
    if url.startswith("unix"):
        return f"{base}?db={number}"
    return urlsplit(base)._replace(path=f"/{number}").geturl()


@contextmanager
def running_hub(logs: Path) -> Iterator[Hub]:
    """Web, worker and beat, ready; everything is gone afterwards."""
    mail, sms, port = MailSink(), SmsProvider(), free_port()
    with ExitStack() as stack:
        smtp = Controller(mail, hostname="127.0.0.1", port=free_port())
        smtp.start()
        stack.callback(smtp.stop)
        sms_server = sms.serve()
        stack.callback(sms_server.server_close)
        stack.callback(sms_server.shutdown)
        environment = {
            **os.environ,
            "FEEDBACKHUB_ENV": "test",
            "DATABASE_URL": stack.enter_context(fresh_database(os.environ["DATABASE_URL"])),
            "CACHE_URL": with_database(os.environ["CACHE_URL"], 15),
            "CELERY_BROKER_URL": with_database(os.environ["CELERY_BROKER_URL"], 14),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "EMAIL_PROVIDER_URL": f"smtp://127.0.0.1:{smtp.port}",
            "SMS_PROVIDER_URL": f"twilio://AC123:token@127.0.0.1:{sms_server.server_port}"
            "?from=%2B15005550006&scheme=http",
            "SENDER_TICK_SECONDS": "1",
        }
        hub = Hub(environment["BASE_URL"], environment, mail, sms)
        celery = (sys.executable, "-m", "celery", "-A", "feedbackhub")
        granian = (sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1")
        commands = {
            "web": (*granian, "--port", str(port), "feedbackhub.wsgi:application"),
            "worker": (*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"),
            "beat": (*celery, "beat", "--schedule", str(logs / "beat")),
        }
        for name, command in commands.items():
            stack.enter_context(process(*command, environment=environment, log=logs / f"{name}.log"))
        eventually(lambda: _ready(hub), what="readiness")
        yield hub


def _ready(hub: Hub) -> bool:
    try:
        return httpx2.get(f"{hub.url}/readyz", timeout=2).status_code == 200
    except httpx2.TransportError:
        return False
