"""`./test` itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from feedbackhub.local import testing
from feedbackhub.local.environment import ROOT


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (["tests/feedbackhub"], True),
        (["tests/feedbackhub/test_ids.py::test_x", "-q"], True),
        (["-n", "0"], True),
        (["--pdb"], True),
        (["-k", "keys"], False),
        ([], False),
    ],
)
def test_the_whole_suite_runs_on_every_core_unless_told_otherwise(arguments: list[str], chosen: bool) -> None:
    assert (testing.parallel(arguments) == []) is chosen


def test_two_runs_at_once_have_services_of_their_own_and_leave_nothing(
    folder: Path, bare_env: Mapping[str, str]
) -> None:
    inner = folder / "test_inner.py"
    inner.write_text(
        "import os, time\n"
        "import psycopg\n"
        "def test_inner():\n"
        "    with psycopg.connect(os.environ['DATABASE_URL'], autocommit=True) as connection:\n"
        "        connection.execute('CREATE TABLE mine (id int)')\n"
        "        time.sleep(0.5)\n"
        "        connection.execute('DROP TABLE mine')\n"
        "    print('AT', os.environ['DATABASE_URL'], os.environ['CACHE_URL'], os.environ['FEEDBACKHUB_HOME'])\n"
        "    assert os.environ['FEEDBACKHUB_ENV'] == 'test'\n"
    )
    command = [sys.executable, "-P", "-m", "feedbackhub.local", "test", "-sq", "-p", "no:django", "-c", "/dev/null"]
    runs = [
        subprocess.Popen(
            [*command, f"--rootdir={folder}", inner],
            env={**bare_env, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    places = [line.split()[1:] for text in said for line in text.splitlines() if line.startswith("AT")]
    assert len({address for each in places for address in each}) == 6
    assert not any(Path(home).parent.exists() for _, _, home in places)
