"""The project package: settings, mount table, API kit, local supervisor.

Imports nothing: `./run exec` and the supervisor pass through here and need neither Django nor Celery.
"""
