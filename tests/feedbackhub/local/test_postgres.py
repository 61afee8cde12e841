"""The embedded PostgreSQL's data directory, and what may be found in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from feedbackhub.local import places, postgres, postgres_binaries, processes
from feedbackhub.local.environment import for_server
from feedbackhub.local.errors import LocalError
from feedbackhub.local.postgres import Cluster


@pytest.fixture
def cluster(folder: Path, bare_env: Mapping[str, str]) -> Iterator[Cluster]:
    account = postgres_binaries.server_account(None)
    private = places.make_private(account)
    yield Cluster(
        binaries=postgres_binaries.readable_for(postgres_binaries.find(bare_env), account),
        data=folder / "pg",
        sockets=places.make_for_server(private / "pg", account),
        log=folder / "postgres.log",
        account=account,
    )
    shutil.rmtree(private)


def test_another_major_version_is_refused_by_name(cluster: Cluster) -> None:
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(LocalError, match=r"made by PostgreSQL 14; this is 18.*FEEDBACKHUB_PG_BIN"):
        postgres.prepare(cluster, env={})
    assert sorted(each.name for each in cluster.data.iterdir()) == ["PG_VERSION"]


def test_a_folder_with_other_files_is_left_alone(cluster: Cluster) -> None:
    cluster.data.mkdir()
    (cluster.data / "thesis.odt").touch()
    with pytest.raises(LocalError, match="is no PostgreSQL data directory"):
        postgres.prepare(cluster, env={})
    assert [each.name for each in cluster.data.iterdir()] == ["thesis.odt"]


def test_a_start_clears_what_a_crash_left_behind(cluster: Cluster, bare_env: Mapping[str, str]) -> None:
    """One cluster for a half-made directory, a pid that is somebody else's now, and a server that still runs."""
    env = for_server(bare_env)
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("18\n")
    cluster.data.with_name("pg.unfinished").touch()
    postgres.prepare(cluster, env=env)
    assert not cluster.data.with_name("pg.unfinished").exists()

    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    postgres.prepare(cluster, env=env)
    server = postgres.start(cluster, env=env)
    assert processes.wait_until(lambda: postgres.ready_with_database(cluster), 20)
    with psycopg.connect(cluster.url()) as connection:
        facts = connection.execute(
            "SELECT datlocprovider, datlocale, current_setting('data_checksums'), current_setting('fsync'), "
            "current_setting('listen_addresses') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT /* canary */ 'ann@example.com'::uuid")
    assert facts == ("b", "C.UTF-8", "on", "on", "")
    assert "canary" not in cluster.log.read_text()

    postgres.prepare(cluster, env=env)
    assert server.wait(20) == 0
    assert processes.working_in(cluster.data) == []
