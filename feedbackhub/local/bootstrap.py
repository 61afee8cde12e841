"""Makes the Python environment in `.venv`, then hands over to `python -m feedbackhub.local`.

Runs before anything is installed, so it uses the standard library alone and imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
INSTALLER_LOCK = Path(__file__).with_name("installer.lock")
LOCKS = {
    "run": ROOT / "requirements.lock",
    "semantic": ROOT / "requirements-semantic.lock",
    "test": ROOT / "requirements-dev.lock",
    "sdk": ROOT / "tests" / "sdk" / "newest.lock",
}
# A package of which the tests run two versions: an environment holds one, so the other has a folder to itself.
FOLDERS = {"sdk": VENV / "sdk"}
NEEDED = {"run": ("run",), "test": ("test", "sdk")}
HELP = Path(__file__).with_name("help.txt")
PR_SET_PDEATHSIG = 1
# The development lock holds everything that the runtime locks hold.
ALSO_INSTALLED = {
    "run": ("run",),
    "semantic": ("run", "semantic"),
    "test": ("run", "semantic", "test"),
    "sdk": ("sdk",),
}


class BootstrapError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def say(text: str) -> None:
    """Progress goes to stderr: the output of `./run exec` belongs to its command."""
    print(text, file=sys.stderr, flush=True)


def fingerprint(lock: Path) -> str:
    """Changes when the locked packages or the interpreter's minor version do."""
    version = ".".join(map(str, sys.version_info[:2]))
    return hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_installed(kind: str) -> bool:
    return os.access(PYTHON, os.X_OK) and read_stamp().get(kind) == fingerprint(LOCKS[kind])


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Two commands started at once: the second waits for the first one's environment."""
    try:
        handle = open(ROOT / ".venv.lock", "w")  # noqa: SIM115 (closed below, after the lock)
    except OSError as error:
        raise BootstrapError(f"Cannot write to {ROOT} ({error.strerror}). Use a copy that you own.") from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another start, which is installing …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def die_with_parent() -> None:
    """An installer must not work on when this process is killed: the next start would meet it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def call(*command: str | Path, env: dict[str, str] | None = None, quiet: bool = False) -> bool:
    """Whether the command succeeded; its output goes to stderr."""
    target = subprocess.DEVNULL if quiet else sys.stderr
    try:
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=target, stderr=target, preexec_fn=die_with_parent
        )
    except OSError:
        return False
    return done.returncode == 0


def usable(python: Path) -> bool:
    """Whether this environment runs and has our minor version; a copied or outdated one does not."""
    check = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    return call(python, "-I", "-c", check, quiet=True)


def base_interpreter() -> str:
    """The interpreter behind a virtual environment, or this one."""
    return getattr(sys, "_base_executable", None) or sys.executable


def make_venv(*, with_pip: bool) -> None:
    if VENV.is_dir() and not usable(PYTHON):
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        options = [] if with_pip else ["--without-pip"]
        if not call(base_interpreter(), "-m", "venv", *options, VENV):
            raise BootstrapError(
                f"{base_interpreter()} cannot make a virtual environment. "
                "Install its venv part (Debian, Ubuntu: apt install python3-venv) or uv, and try again."
            )
    elif with_pip and not call(PYTHON, "-m", "pip", "--version", quiet=True):
        call(PYTHON, "-m", "ensurepip", quiet=True)


def cache_is_usable() -> bool:
    """Service users often have a home directory that does not exist; uv stops at that."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    try:
        os.makedirs(cache, exist_ok=True)
    except OSError:
        return False
    return os.access(cache, os.W_OK)


def installer_environment() -> dict[str, str]:
    """The caller's environment without what would turn the install elsewhere."""
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    if not cache_is_usable():
        env |= {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
    return {
        **env,
        "UV_SYSTEM_CERTS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }


def install(lock: Path, folder: Path | None = None) -> None:
    """Into the environment, or into a folder without what it depends on, which the environment has. uv when there is
    one, else uv through pip, else pip alone: each slower than the one before."""
    env = installer_environment()
    into: tuple[str | Path, ...] = ()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
        into = ("--no-deps", "--target", folder)
    on_path = shutil.which("uv")
    uv: str | Path | None = on_path if on_path and call(on_path, "--version", quiet=True) else None
    make_venv(with_pip=uv is None)
    # Compiling every module of every package takes longer than compiling, at first use, the half that is used.
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--no-compile", "--require-hashes", "-r")
    if uv is None and call(*pip, INSTALLER_LOCK, env=env):
        uv = VENV / "bin" / "uv"
    if uv is not None:
        options = ("--quiet", "--require-hashes")
        if call(uv, "pip", "install", "--python", PYTHON, *options, *into, "-r", lock, env=env):
            return
        say("uv could not install the packages; trying pip.")
        make_venv(with_pip=True)
    if not call(*pip, lock, *into, env=env):
        raise BootstrapError("The packages could not be installed; the lines above say why. Is the network there?")


def needed(command: str) -> tuple[str, ...]:
    """The locks of a command, and of the extra that the environment asks for."""
    extra = os.environ.get("FEEDBACKHUB_EXTRA", "").strip()
    if extra not in ("", "semantic"):
        raise BootstrapError(f"FEEDBACKHUB_EXTRA is {extra!r}. It must be semantic, or empty.")
    return (extra,) if extra and command == "run" else NEEDED[command]


def ensure(kind: str) -> None:
    """Installs what `kind` needs unless its stamp says it is there."""
    if is_installed(kind):
        return
    with only_one():
        if is_installed(kind):
            return
        say("Installing Python packages (once; later starts skip this) …")
        install(LOCKS[kind], FOLDERS.get(kind))
        stamp = read_stamp() | {each: fingerprint(LOCKS[each]) for each in ALSO_INSTALLED[kind]}
        partial = STAMP.with_suffix(".new")
        partial.write_text(json.dumps(stamp))
        partial.replace(STAMP)


def main(arguments: list[str]) -> None:
    if sys.platform != "linux":
        raise BootstrapError("The embedded services need Linux. Elsewhere use compose.yaml; docs/deploy.md says how.")
    if arguments[0] == "run" and arguments[1:] in (["--help"], ["-h"], ["help"]):
        print(HELP.read_text(), end="")
        return
    for kind in needed(arguments[0]):
        ensure(kind)
    # A caller's PYTHONHOME or PYTHONPATH could put other packages before the locked ones.
    for name in ("PYTHONHOME", "PYTHONPATH"):
        os.environ.pop(name, None)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", "feedbackhub.local", *arguments])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BootstrapError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
