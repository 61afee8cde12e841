"""`./run`: starts everything in order, keeps it running, stops it in order."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from functools import partial

from feedbackhub.local import database, embedded, guardian, hub, places, processes, watched
from feedbackhub.local.console import say
from feedbackhub.local.environment import CALLERS_OWN, ROOT, basis, present
from feedbackhub.local.errors import LocalError
from feedbackhub.local.guardian import Signals
from feedbackhub.local.home import Home
from feedbackhub.local.watched import Watched

READY_SECONDS = 90
# Crashes of one process before the first readiness after which a start gives up.
HOPELESS = 3


def main(home: Home, env: Mapping[str, str], *, demo: bool) -> int:
    """Runs the hub until somebody stops it. 0: it was asked to."""
    _check_port(hub.port(env))
    home.make()
    lock = home.acquire()
    home.forget_environment()
    account = embedded.account_for(env, data=home.postgres)
    sockets = places.make_private(account)

    def clean_up() -> None:
        home.forget_environment()
        shutil.rmtree(sockets, ignore_errors=True)

    layout = embedded.Layout(postgres=home.postgres, valkey=home.valkey, sockets=sockets, logs=home.logs, durable=True)
    services = embedded.wanted(env, layout, account)

    def work(signals: Signals) -> int:
        supervisor = Supervisor(home, env, services, signals)
        try:
            return supervisor.run(demo=demo)
        finally:
            home.announce_stop(lock)
            supervisor.stop()

    return guardian.run(work, clean_up=clean_up)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((hub.HOST, port))
        except OSError as error:
            raise LocalError(
                f"Cannot listen on port {port} ({error.strerror}). Choose another one: PORT={port + 1} ./run"
            ) from None


class Supervisor:
    """The running instance. Children are started from this one thread: they die with the thread that made them."""

    def __init__(self, home: Home, env: Mapping[str, str], services: list[embedded.Embedded], signals: Signals) -> None:
        self.home = home
        self.signals = signals
        self.services = services
        self.backends = [
            Watched(service.name, service.start, longest_backoff=watched.BACKEND_BACKOFF) for service in services
        ]
        self.env = self._environment(env)
        self.apps = [
            self._app("web", hub.web()),
            self._app("worker", hub.worker()),
            self._app("beat", hub.beat(home.beat_schedule)),
        ]
        self.ready = False

    def _environment(self, env: Mapping[str, str]) -> dict[str, str]:
        ours = {
            "FEEDBACKHUB_ENV": "development",
            "PORT": str(hub.port(env)),
            "BASE_URL": hub.base_url(env),
        }
        given = {name: env[name] for name in ours if present(env, name)}
        found = {name: value for service in self.services for name, value in service.variables.items()}
        return basis(env) | self.home.secrets(env) | ours | given | found | {"FEEDBACKHUB_HOME": str(self.home.path)}

    def _app(self, name: str, command: list[str]) -> Watched:
        return Watched(name, partial(self._spawn, name, command))

    def _spawn(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with self.home.log(name).open("ab") as output:
            return processes.spawn(command, env=self.env, output=output, cwd=ROOT)

    # --- Starting ------------------------------------------------------------------------------------------------

    def run(self, *, demo: bool) -> int:
        begin = time.monotonic()
        say(f"FeedbackHub is starting; its data is in {self.home.path}")
        self._start_backends()
        self._note_environment()
        self._prepare_database(demo=demo)
        for app in self.apps:
            app.launch()
        self._await_readiness()
        say(f"Ready after {time.monotonic() - begin:.1f} s: {self.env['BASE_URL']}")
        self._welcome()
        while True:
            self._watch(3600)

    def _start_backends(self) -> None:
        children = [backend.launch() for backend in self.backends]
        for service, child in zip(self.services, children, strict=True):
            embedded.await_answer(service, child, self.signals.pause)

    def _note_environment(self) -> None:
        """What `./run exec` needs to know."""
        mine = {name: value for name, value in self.env.items() if name not in CALLERS_OWN}
        self.home.note_environment(mine)

    def _prepare_database(self, *, demo: bool) -> None:
        url = self.env["DATABASE_URL"]
        if any("DATABASE_URL" in service.variables for service in self.services):
            self._migrate_own(url)
        else:
            self._migrate()
        if demo and database.is_empty(url):
            say("Loading the demo data …")
            self._manage("seed_demo", "seed_demo")

    def _migrate_own(self, url: str) -> None:
        stamp = database.Stamp(url, self.home.migrated)
        if stamp.is_current:
            return
        if changed := stamp.changed_in_place():
            raise LocalError(
                f"The data in {self.home.path} was made by an earlier state of the code: {', '.join(changed)} "
                "has changed since.\nNothing is released yet, so tables change in place. Go back to that state, "
                f"or start with new data: delete {self.home.path}, or set FEEDBACKHUB_HOME to another folder."
            )
        stamp.begin()
        self._migrate()
        stamp.finish()

    def _migrate(self) -> None:
        say("Bringing the database up to date …")
        self._manage("migrate", "migrate", "--no-input")

    def _manage(self, name: str, *arguments: str) -> None:
        child = self._spawn(name, hub.manage(*arguments))
        self._await_exit(child)
        if child.returncode != 0:
            raise LocalError(
                f"manage.py {name} failed. The end of its output:\n{embedded.tail(self.home.log(name), 30)}"
            )

    def _await_exit(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None:
            processes.reap_adopted(self._children(child))
            self.signals.pause(1)

    def _await_readiness(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        answer = ""
        while time.monotonic() < deadline:
            status, answer = _ask_readiness(hub.port(self.env))
            if status == 200:
                self.ready = True
                return
            self._watch(0.05)
        raise LocalError(f"The hub is not ready after {READY_SECONDS} s. /readyz says: {answer or 'nothing'}")

    def _welcome(self) -> None:
        child = processes.spawn(hub.manage("print_welcome"), env=self.env, cwd=ROOT)
        self._await_exit(child)
        if child.returncode != 0:
            say(f"The console is at {self.env['BASE_URL']}/console/")
        say(f"Logs are in {self.home.logs}. Ctrl-C stops everything.")

    # --- Running -------------------------------------------------------------------------------------------------

    def _children(self, *others: subprocess.Popen[bytes]) -> list[subprocess.Popen[bytes]]:
        return [*(each.child for each in (*self.backends, *self.apps) if each.child is not None), *others]

    def _watch(self, seconds: float) -> None:
        """Waits, and starts again what has ended."""
        everyone = [*self.backends, *self.apps]
        waiting = [each.due for each in everyone if each.child is None]
        self.signals.pause(max(min([seconds, *(due - time.monotonic() for due in waiting)]), 0.01))
        processes.reap_adopted(self._children())
        for each in everyone:
            code = each.ended()
            if code is not None:
                self._report(each, code)
            elif each.must_start:
                each.launch()

    def _report(self, each: Watched, code: int) -> None:
        log = self.home.log(each.name)
        if not self.ready and each.crashes >= HOPELESS:
            raise LocalError(f"{each.name} does not start. The end of {log}:\n{embedded.tail(log)}")
        say(f"{each.name} ended unasked (exit code {code}) and starts again in {each.pause:.1f} s.")
        say(f"  The end of {log}:\n{embedded.tail(log, lines=3)}")

    # --- Stopping ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """The hub's processes first, then what they work on."""
        if not self.signals.orphaned:
            say("Stopping …")
        watched.stop(self.apps, self.signals, signum=signal.SIGTERM, seconds=hub.STOPPING_SECONDS)
        for backend in reversed(self.backends):
            if backend.name == "postgres":
                _stop_postgres(backend, self.signals)
            else:
                watched.stop([backend], self.signals, signum=signal.SIGTERM, seconds=5)


def _stop_postgres(backend: Watched, signals: Signals) -> None:
    """Orderly, then at once, then by force; no way loses a committed row, but the next start is quicker after the
    first. So it gets its time, two seconds even from the impatient, unless we were killed ourselves."""
    ways = [(signal.SIGQUIT, 5, 5)] if signals.orphaned else [(signal.SIGINT, 20, 2), (signal.SIGQUIT, 5, 5)]
    for signum, patience, impatience in ways:
        if backend.pid is None:
            return
        os.kill(backend.pid, signum)
        begin = time.monotonic()
        while backend.pid is not None and time.monotonic() - begin < (impatience if signals.hurry else patience):
            signals.sleep(0.05)
    watched.stop([backend], signals, signum=signal.SIGKILL, seconds=1)


def _ask_readiness(port: int) -> tuple[int, str]:
    """The status of /readyz and the beginning of its text; 0 when nobody listens yet."""
    connection = http.client.HTTPConnection(hub.HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
