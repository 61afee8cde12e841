"""The WSGI application as `./run` serves it: a web worker ends with the server that forked it."""

from __future__ import annotations

import os
import signal

from feedbackhub.local.processes import die_with_parent

die_with_parent(signal.SIGKILL, os.getppid())

from feedbackhub.wsgi import application  # noqa: E402 (loading it takes a second in which the parent could die)

__all__ = ["application"]
