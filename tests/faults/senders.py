"""Senders as processes that can be killed: Django is loaded once, each sender is a fork.

Run as `python -m tests.faults.senders`; a line of JSON on standard input starts some: {"failpoints": ["", …],
"provider": "relay://…", "sabotage": "", "seconds": 5}. The answer is two lines: their process ids, then, when all have
ended, their exit codes (-9: killed).
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import django


def quicken() -> None:
    """The same code with shorter pauses: a test waits for no minutes."""
    from django.conf import settings

    from campaigns.domain.sender import finish
    from campaigns.providers import base

    settings.SENDER_LEASE_SECONDS = 0.5
    settings.SENDER_BATCH = 3
    # Ten thousand numbers in a row are what it is made for to hold back.
    settings.SMS_BLOCK_LIMIT = 0
    finish.PAUSES = (0.05,)
    finish.UNKNOWN_PAUSE = 0.002
    base.READ_SECONDS = 0.3


def sabotage(name: str) -> None:
    """Breaks one rule of the sender: a harness that does not notice is worth nothing."""
    from campaigns.domain.sender import claim, finish, reap
    from campaigns.providers import relay

    if name == "reaper releases":
        reap._UNKNOWN = reap._UNKNOWN.replace("outcome = 'unknown'", "outcome = 'not_sent'", 1).replace(
            "state = 'recon'", "state = 'scheduled'"
        )
    elif name == "library retries":
        send = relay.RelayProvider.send

        def twice(self: Any, envelope: Any) -> Any:
            outcome = send(self, envelope)
            return outcome if outcome.verdict == "accepted" else send(self, envelope)

        relay.RelayProvider.send = twice  # type: ignore[method-assign]
    elif name == "no compare-and-set":
        # Leases what is not scheduled any more.
        claim._DUE = claim._DUE.replace(
            "m.channel = turn.channel AND m.state = 'scheduled'",
            "m.channel = turn.channel AND m.state IN ('scheduled', 'accepted')",
        ).replace("WHERE m.id = picked.id AND m.state = 'scheduled'", "WHERE m.id = picked.id")
    elif name == "finalise before send":
        send_first = relay.RelayProvider.send

        def early(self: Any, envelope: Any) -> Any:
            from campaigns.providers.base import accepted

            finish.accept(attempt_id=envelope.attempt_id, outcome=accepted("early"))
            return send_first(self, envelope)

        relay.RelayProvider.send = early  # type: ignore[method-assign]


def work(order: dict[str, Any]) -> None:
    """Send and reap until nothing waits."""
    from django.conf import settings

    from campaigns.domain.sender import reap, run
    from campaigns.models import Message

    settings.SMS_PROVIDER_URL = order["provider"]
    sabotage(order["sabotage"])
    end = time.monotonic() + order["seconds"]
    open_states = ["scheduled", "leased", *(["recon"] if "remembers=" in order["provider"] else [])]
    while time.monotonic() < end:
        reap.reap()
        if not run.run(seconds=1) and not Message.objects.filter(state__in=open_states).exists():
            return
        time.sleep(0.02)


def start(failpoint: str, order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.environ["FAILPOINT"] = failpoint
    code = 0
    try:
        work(order)
    except BaseException as error:
        print(f"sender: {error!r}", file=sys.stderr)
        code = 1
    finally:
        os._exit(code)


def main() -> None:
    django.setup()
    quicken()
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pids = [start(failpoint, order) for failpoint in order["failpoints"]]
        print(json.dumps(pids), flush=True)
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        print(json.dumps(codes), flush=True)


if __name__ == "__main__":
    main()
