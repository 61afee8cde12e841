"""What the apps to the right need to know. All are sent inside the transaction that makes the change, so a receiver's
writes commit or vanish with it."""

from __future__ import annotations

from django.dispatch import Signal

# account: Account, template_of: Account | None (copy its templates and campaigns into the new one)
account_created = Signal()
# account: Account, changed: frozenset[str] (names of the fields that differ now)
account_changed = Signal()
# account: Account (cancel its campaigns and unsent messages)
account_deleted = Signal()
