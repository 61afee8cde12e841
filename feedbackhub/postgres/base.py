"""Django's PostgreSQL, which need not be asked with every request whether it is there. ENGINE in dsn.py names it."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the server still holds its end, without asking it.

        Django would send SELECT 1 with every request. An idle connection has nothing to say, unless the server ended
        it: then there is a farewell to read, or the end of the stream.
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
