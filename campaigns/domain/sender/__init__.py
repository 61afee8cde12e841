"""The sender: from a due row to a provider's answer, at most once.

PostgreSQL is the only truth. `claim` leases due messages, `attempt` commits the permission to call, `run` calls the
provider outside any transaction, `finish` records what became of it, `reap` takes over from the dead. A lease is
held by (owner, fence); a live attempt by the constraint `one_live_attempt`. Only whoever has proof releases an
attempt; everyone else may only call it unknown. Every time is the database's.
"""
