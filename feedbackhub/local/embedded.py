"""The services that the caller did not bring along: which to start, and their addresses."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from feedbackhub.local import places, postgres, postgres_binaries, valkey
from feedbackhub.local.environment import for_server, present
from feedbackhub.local.errors import LocalError
from feedbackhub.local.processes import Account

STARTING_SECONDS = 60
POSTGRES_VARIABLES = ("DATABASE_URL",)
VALKEY_VARIABLES = ("CELERY_BROKER_URL", "CACHE_URL")


@dataclass(frozen=True)
class Embedded:
    """One service of ours: how it starts, when it is ready, and the variables that tell the hub where it is."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    answers: Callable[[], bool]
    log: Path
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """Where the services keep their data, sockets and logs."""

    postgres: Path
    valkey: Path
    sockets: Path
    logs: Path
    durable: bool


def wanted(env: Mapping[str, str], layout: Layout, account: Account | None) -> list[Embedded]:
    """PostgreSQL unless DATABASE_URL is set; Valkey unless both of its addresses are."""
    found = []
    if not all(present(env, name) for name in POSTGRES_VARIABLES):
        found.append(_postgres(env, layout, account))
    if not all(present(env, name) for name in VALKEY_VARIABLES):
        found.append(_valkey(env, layout))
    return found


def account_for(env: Mapping[str, str], *, data: Path | None) -> Account | None:
    """Whom the database server runs as, if we start one and it is not as ourselves."""
    return None if present(env, "DATABASE_URL") else postgres_binaries.server_account(data)


def _postgres(env: Mapping[str, str], layout: Layout, account: Account | None) -> Embedded:
    cluster = postgres.Cluster(
        binaries=postgres_binaries.readable_for(postgres_binaries.find(env), account),
        data=layout.postgres,
        sockets=places.make_for_server(layout.sockets / "pg", account),
        log=layout.logs / "postgres.log",
        account=account,
        durable=layout.durable,
    )
    server_env = for_server(env)

    def start() -> subprocess.Popen[bytes]:
        postgres.prepare(cluster, env=server_env)
        return postgres.start(cluster, env=server_env)

    def answers() -> bool:
        return postgres.ready_with_database(cluster)

    return Embedded("postgres", start, answers, cluster.log, {"DATABASE_URL": cluster.url()})


def _valkey(env: Mapping[str, str], layout: Layout) -> Embedded:
    socket = layout.sockets / "valkey.sock"
    log = layout.logs / "valkey.log"
    addresses = {"CELERY_BROKER_URL": valkey.broker_url(socket), "CACHE_URL": valkey.cache_url(socket)}

    def start() -> subprocess.Popen[bytes]:
        return valkey.start(
            data=layout.valkey, socket_path=socket, log=log, env=for_server(env), durable=layout.durable
        )

    variables = {name: address for name, address in addresses.items() if not present(env, name)}
    return Embedded("valkey", start, lambda: valkey.answers(socket), log, variables)


def await_answer(service: Embedded, child: subprocess.Popen[bytes], pause: Callable[[float], None]) -> None:
    """Returns once the service answers; says what its log says if it does not."""
    deadline = time.monotonic() + STARTING_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if service.answers():
            return
        pause(0.02)
    raise LocalError(f"{service.name} did not start. The end of {service.log}:\n{tail(service.log)}")


def tail(log: Path, lines: int = 15) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(file.seek(0, 2) - 8000, 0))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
