"""Places where a test may strike the sender down: FAILPOINT=name:action[:n], at the n-th pass.

Actions: kill9 (at once), kill9_soon (within two milliseconds, so inside whatever comes next), stop (SIGSTOP),
raise. Never active in production.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time

from django.conf import settings

NAMES = (
    "after_claim",
    "before_attempt_commit",
    "mid_attempt_commit",
    "after_attempt_commit",
    "after_connect",
    "after_write",
    "after_provider_accept",
    "after_answer",
    "mid_finalise",
)
_passes: dict[str, int] = {}


class Struck(Exception):
    """Raised by the action `raise`."""


def hit(name: str) -> None:
    wanted = os.environ.get("FAILPOINT", "")
    if not wanted or settings.PRODUCTION:
        return
    point, action, *nth = wanted.split(":")
    if point != name:
        return
    _passes[name] = _passes.get(name, 0) + 1
    if _passes[name] == int(nth[0] if nth else 1):
        _strike(action)


def _strike(action: str) -> None:
    if action == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "kill9_soon":
        threading.Thread(target=_kill_after, args=(random.uniform(0, 0.002),), daemon=True).start()  # noqa: S311
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        raise Struck


def _kill_after(seconds: float) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)
