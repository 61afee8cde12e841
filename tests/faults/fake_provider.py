"""A provider as a process of its own, whose log is the oracle: what it accepted is what the world saw.

Run as `python -m tests.faults.fake_provider <log.sqlite> <keys: 0|1> <weights as JSON>`; prints its port. Every
accepted message is in the log, synced to disk, before any answer. With keys on, a key seen before gets the first
answer again and nothing is accepted anew.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What may happen, and whether the message is accepted first.
MODES = {
    "ok": True,
    "accept_hang": True,
    "accept_reset": True,
    "accept_500": True,
    "slow": True,
    "refuse_429": False,
    "reset": False,
    "refuse_503": False,
}
HANG_SECONDS = 1.5


class Log:
    """One row per accepted message."""

    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.rows.execute("PRAGMA synchronous = FULL")
        self.rows.execute(
            "CREATE TABLE IF NOT EXISTS accepted (message_id TEXT, idem_key TEXT, recipient TEXT, body TEXT, at REAL)"
        )
        self.rows.execute("CREATE TABLE IF NOT EXISTS calls (mode TEXT)")

    def called(self, mode: str) -> None:
        with self.lock:
            self.rows.execute("INSERT INTO calls VALUES (?)", [mode])

    def accept(self, key: str, message: dict[str, Any], *, keys: bool) -> None:
        with self.lock:
            seen = self.rows.execute("SELECT 1 FROM accepted WHERE idem_key = ?", [key]).fetchone()
            if not (keys and seen):
                row = [message["message_id"], key, message["to"], message["text"], time.time()]
                self.rows.execute("INSERT INTO accepted VALUES (?, ?, ?, ?, ?)", row)


def handler(log: Log, *, keys: bool, weights: dict[str, float]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            mode = random.choices(list(weights), list(weights.values()))[0]
            log.called(mode)
            if MODES[mode]:
                log.accept(self.headers["Idempotency-Key"], message, keys=keys)
            if mode in ("accept_hang", "slow"):
                time.sleep(HANG_SECONDS if mode == "accept_hang" else random.uniform(0, 0.2))
            if mode in ("accept_reset", "reset", "accept_hang"):
                self.close_connection = True
                return
            self._answer({"refuse_429": 429, "refuse_503": 503, "accept_500": 500}.get(mode, 200))

        def _answer(self, status: int) -> None:
            body = b'{"id": "fake"}' if status == 200 else b"{}"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

        def handle_error(self) -> None:
            """Senders are killed in the middle of a call."""

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """A sender that was killed does not wait for its answer."""


if __name__ == "__main__":
    path, keys, weights = sys.argv[1:]
    server = Server(("127.0.0.1", 0), handler(Log(path), keys=keys == "1", weights=json.loads(weights)))
    print(server.server_port, flush=True)
    server.serve_forever()
