"""A provider over HTTP that answers as told: the first request gets the first answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Answer:
    status: int = 201
    body: Any = field(default_factory=lambda: {"sid": "SM1", "id": "r-1"})
    headers: dict[str, str] = field(default_factory=dict)
    # Close the connection instead of answering.
    drop: bool = False
    seconds: float = 0


@dataclass
class Seen:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Fake:
    answers: list[Answer]
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    # What a GET lists; None is a 503.
    listed: Any = None

    def answer(self, request: Seen) -> Answer:
        self.seen.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(*answers: Answer) -> Iterator[Fake]:
    fake = Fake(list(answers) or [Answer()])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = fake.answer(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            threading.Event().wait(answer.seconds)
            if answer.drop:
                self.close_connection = True
                return
            raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(raw)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            fake.seen.append(Seen(self.path, {}, b""))
            raw = json.dumps({"messages": fake.listed}).encode()
            self.send_response(200 if fake.listed is not None else 503)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
