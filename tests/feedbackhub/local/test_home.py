"""Where the data is kept, who may use it, and what is remembered there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from feedbackhub.local import environment, home, hub, instance
from feedbackhub.local.errors import LocalError
from feedbackhub.local.home import Home


@pytest.fixture
def place(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.make()
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_data_is_in_the_project_unless_told_otherwise(tmp_path: Path) -> None:
    assert home.locate({}).path == environment.ROOT / ".data"
    assert home.locate({"FEEDBACKHUB_HOME": " "}).path == environment.ROOT / ".data"
    assert home.locate({"FEEDBACKHUB_HOME": str(tmp_path)}).path == tmp_path


def test_a_project_that_is_read_only_keeps_its_data_with_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert home.locate({"XDG_DATA_HOME": "/home/alice/data"}).path == Path("/home/alice/data/feedbackhub")


def test_what_we_make_is_private_and_what_exists_keeps_its_mode(tmp_path: Path) -> None:
    Home(tmp_path / "new").make()
    assert mode(tmp_path / "new") == mode(tmp_path / "new" / "logs") == 0o700
    (tmp_path / "old").mkdir()
    (tmp_path / "old").chmod(0o750)
    Home(tmp_path / "old").make()
    assert mode(tmp_path / "old") == 0o750


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match=r"file/home.*Set FEEDBACKHUB_HOME"):
        Home(tmp_path / "file" / "home").make()


def test_the_lock_names_its_holder_and_waits_only_for_one_that_is_stopping(place: Home) -> None:
    assert not place.is_running()
    held = place.acquire()
    assert place.is_running()
    with pytest.raises(LocalError, match=f"process {os.getpid()}"):
        place.acquire(patience=5)
    place.announce_stop(held)
    with pytest.raises(LocalError, match="already runs"):
        place.acquire(patience=0.1)
    os.close(held)
    os.close(place.acquire())


def test_secrets_are_made_once_and_the_environment_comes_first(place: Home) -> None:
    first = place.secrets({})
    assert place.secrets({}) == first
    assert len(first["SECRET_KEY"]) >= 50
    assert place.secrets({"SECRET_KEY": "from outside"}) == {**first, "SECRET_KEY": "from outside"}
    assert place.secrets({"SECRET_KEY": ""}) == first
    assert mode(place.path / "secrets.env") == 0o600


def test_a_secret_that_a_newer_version_asks_for_is_added_to_the_others(place: Home) -> None:
    (place.path / "secrets.env").write_text("# mine\nSECRET_KEY=kept=as it is\n")
    assert place.secrets({})["SECRET_KEY"] == "kept=as it is"
    assert len(place.secrets({})["ENCRYPTION_KEYS"]) == 44


def test_the_environment_is_only_told_while_an_instance_runs(place: Home) -> None:
    place.note_environment({"PORT": "1"})
    assert mode(place.path / "environment.json") == 0o600
    assert place.noted_environment() is None
    held = place.acquire()
    assert place.noted_environment() == {"PORT": "1"}
    place.forget_environment()
    assert place.noted_environment() is None
    os.close(held)


def test_a_large_log_makes_room_and_is_kept_once(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "LOG_LIMIT", 3)
    place.log("web").write_text("1234")
    assert not place.log("web").exists()
    assert (place.logs / "web.log.1").read_text() == "1234"


def test_the_basis_puts_our_programs_first_and_works_without_a_path() -> None:
    programs = environment.basis({})["PATH"].split(":")
    assert programs[0].endswith("/.venv/bin")
    assert programs[1:] == environment.SYSTEM_PATH.split(":")
    again = environment.basis(environment.basis({"PATH": "/opt/bin"}))
    assert again["PATH"].split(":")[1:] == ["/opt/bin"]


def test_servers_get_neither_secrets_nor_postgres_variables() -> None:
    given = environment.for_server({"SECRET_KEY": "x", "PGPORT": "1", "PGDATA": "/", "PATH": "/bin"})
    assert given == {"PATH": "/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@pytest.mark.parametrize(("text", "port"), [("", 8000), ("1", 1), (" 8123 ", 8123)])
def test_the_port_is_8000_or_what_is_asked_for(text: str, port: int) -> None:
    assert hub.port({"PORT": text}) == port
    assert hub.base_url({"PORT": text}) == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80.5"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(LocalError, match="between 1 and 65535"):
        hub.port({"PORT": text})


def test_manage_py_is_found_from_anywhere_but_a_local_one_comes_first(tmp_path: Path) -> None:
    theirs = str(environment.ROOT / "manage.py")
    assert instance.resolve(["manage.py", "shell"], tmp_path)[1:] == [theirs, "shell"]
    assert instance.resolve(["python", "manage.py"], tmp_path) == ["python", theirs]
    assert instance.resolve(["python", "manage.py"], environment.ROOT) == ["python", "manage.py"]
    assert instance.resolve(["echo", "x"], tmp_path) == ["echo", "x"]
