from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from feedbackhub.local import database
from feedbackhub.local.database import Stamp
from tests.database import named

FILES = {"accounts/0001_initial": "as it was", "crm/0001_initial": "as it was"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A database of its own, which has had the two migrations above and a package's."""
    whole = os.environ["DATABASE_URL"]
    name = f"stamp_{os.getpid()}"
    with psycopg.connect(whole, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(named(whole, name)) as inner:
            inner.execute("CREATE TABLE django_migrations (app text, name text)")
            for app in ("accounts", "crm", "auth"):
                inner.execute("INSERT INTO django_migrations VALUES (%s, '0001_initial')", [app])
        yield named(whole, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = dict(FILES)
    monkeypatch.setattr(database, "migrations", lambda: found)
    return found


@pytest.fixture
def file(tmp_path: Path, url: str, files: dict[str, str]) -> Path:
    """The note of a start that went well."""
    stamp = Stamp(url, tmp_path / "migrated")
    stamp.begin()
    assert not stamp.is_current
    stamp.finish()
    return tmp_path / "migrated"


def test_a_database_that_had_everything_as_it_is_now_is_current(url: str, file: Path):
    assert Stamp(url, file).is_current


def test_a_new_migration_is_to_be_applied(url: str, file: Path, files: dict[str, str]):
    files["crm/0002_more"] = "new"
    stamp = Stamp(url, file)
    assert (stamp.is_current, stamp.changed_in_place()) == (False, [])


def test_a_migration_that_changed_or_vanished_after_it_was_applied_is_named(
    url: str, file: Path, files: dict[str, str]
):
    files["accounts/0001_initial"] = "otherwise"
    files["crm/0001_folded"] = files.pop("crm/0001_initial")
    stamp = Stamp(url, file)
    assert (stamp.is_current, stamp.changed_in_place()) == (False, ["accounts/0001_initial", "crm/0001_initial"])


def test_tables_without_a_note_or_with_an_unreadable_one_may_be_of_any_state(url: str, file: Path):
    file.write_text("0" * 64)
    assert Stamp(url, file).changed_in_place() == list(FILES)


def test_a_start_that_died_while_migrating_goes_on(url: str, file: Path):
    Stamp(url, file).begin()
    again = Stamp(url, file)
    assert (again.is_current, again.changed_in_place()) == (False, [])


def test_comments_and_formatting_change_nothing_and_the_rest_does():
    assert database.digest_of(b"a = [1]") == database.digest_of(b"# One.\na = [\n  1,\n]\n")
    assert database.digest_of(b"a = [1]") != database.digest_of(b"a = [2]")
    assert database.migrations()["accounts/0001_initial"]
