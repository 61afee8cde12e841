"""What happens before the environment exists. The installs themselves are tried by ./run and ./test."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from feedbackhub.local import bootstrap
from feedbackhub.local.environment import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project whose installer only notes what it is asked for."""
    locks = {kind: tmp_path / f"{kind}.lock" for kind in bootstrap.LOCKS}
    for kind, lock in locks.items():
        lock.write_text(f"{kind} 1")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "installed.json")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(bootstrap, "install", lambda lock, folder: calls.append(lock.stem))
    return calls


def test_what_is_installed_is_not_installed_again(project: Path, installed: list[str]) -> None:
    bootstrap.ensure("run")
    bootstrap.ensure("run")
    assert installed == ["run"]


def test_the_development_packages_serve_for_running_but_not_the_other_way(project: Path, installed: list[str]) -> None:
    bootstrap.ensure("test")
    bootstrap.ensure("run")
    assert installed == ["test"]
    (project / "run.lock").write_text("run 2")
    bootstrap.ensure("run")
    bootstrap.ensure("test")
    assert installed == ["test", "run"]


def test_an_extra_is_installed_where_the_environment_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bootstrap.needed("run") == ("run",)
    monkeypatch.setenv("FEEDBACKHUB_EXTRA", "semantic")
    assert (bootstrap.needed("run"), bootstrap.needed("test")) == (("semantic",), ("test", "sdk"))
    monkeypatch.setenv("FEEDBACKHUB_EXTRA", "sematic")
    with pytest.raises(bootstrap.BootstrapError, match=r"'sematic'\. It must be semantic"):
        bootstrap.needed("run")


def test_a_changed_lock_or_a_broken_stamp_installs_again(project: Path, installed: list[str]) -> None:
    bootstrap.ensure("run")
    (project / "run.lock").write_text("run 2")
    bootstrap.ensure("run")
    (project / ".venv" / "installed.json").write_text("{half")
    bootstrap.ensure("run")
    assert installed == ["run", "run", "run"]


def test_an_install_that_fails_leaves_no_stamp(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(lock: Path, folder: Path | None) -> None:
        raise bootstrap.BootstrapError("no network")

    monkeypatch.setattr(bootstrap, "install", fail)
    with pytest.raises(bootstrap.BootstrapError):
        bootstrap.ensure("run")
    assert not bootstrap.is_installed("run")


def test_a_second_version_goes_into_an_emptied_folder_of_its_own(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project / ".venv" / "sdk"
    (folder / "left" / "over").mkdir(parents=True)
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "FOLDERS", {"sdk": folder})
    monkeypatch.setattr(bootstrap, "call", lambda *command, **_: calls.append(tuple(map(str, command))) or True)
    bootstrap.ensure("sdk")
    bootstrap.ensure("sdk")
    target = ("--no-deps", "--target", str(folder))
    installs = [each for each in calls if str(project / "sdk.lock") in each]
    assert (len(installs), set(target) <= set(installs[0]), "--require-hashes" in installs[0]) == (1, True, True)
    assert not folder.exists()


def test_an_environment_whose_interpreter_is_gone_counts_as_none(project: Path, installed: list[str]) -> None:
    bootstrap.ensure("run")
    bootstrap.PYTHON.unlink()
    bootstrap.PYTHON.symlink_to("/nonexistent/python")
    assert not bootstrap.is_installed("run")


def test_the_bootstrap_needs_only_the_standard_library() -> None:
    tree = ast.parse(Path(bootstrap.__file__).read_text())
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names


def test_a_machine_without_a_new_enough_python_is_told_so(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    script = f'root={tmp_path}; . "{ROOT}/feedbackhub/local/python.sh"'
    done = subprocess.run(
        ["/bin/sh", "-c", script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.split(",")[0]) == (69, "FeedbackHub needs Python 3.11 or newer")


def test_help_is_printed_without_an_installation(
    installed: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "is_installed", lambda kind: False)
    bootstrap.main(["run", "--help"])
    assert ("./run exec" in capsys.readouterr().out, installed) == (True, [])
