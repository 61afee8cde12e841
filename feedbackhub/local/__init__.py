"""Runs the hub on one machine: its own PostgreSQL and Valkey, web, worker and beat, for `./run` and `./test`."""
