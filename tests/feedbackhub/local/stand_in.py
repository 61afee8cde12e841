"""A hub with stand-ins for its own processes: the real supervisor and services, none of Django's start time.

Run as a program by the tests: `python stand_in.py`; PORT and FEEDBACKHUB_HOME as for ./run.
"""

from __future__ import annotations

import os
import sys

from feedbackhub.local import database, home, hub, postgres, supervisor

WEB = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ready).serve_forever()
"""
# Like a pool whose children know nothing of the supervisor, one of them in a session of its own.
WORKER = """
import os, time
for fork in range(2):
    if os.fork() == 0:
        if fork:
            os.setsid()
        time.sleep(600)
time.sleep(600)
"""


def main() -> None:
    hub.web = lambda: [sys.executable, "-c", WEB]
    hub.worker = lambda: [sys.executable, "-c", WORKER]
    hub.beat = lambda schedule: ["sleep", "600"]
    hub.manage = lambda *arguments: ["echo", *arguments]
    # Seconds on a busy disk; a killed process needs no sync to find its files again.
    initdb_options = postgres._initdb_options
    postgres._initdb_options = lambda cluster: [*initdb_options(cluster), "--no-sync"]
    database.Stamp.is_current = True
    database.is_empty = lambda url: False
    sys.exit(supervisor.main(home.locate(os.environ), os.environ, demo=True))


if __name__ == "__main__":
    main()
