"""Telling a worker to look now. What is due is a row, so a lost hint delays it until the beat's next tick."""

from __future__ import annotations

import structlog

from feedbackhub.celery import app

log = structlog.get_logger(__name__)


def send(task: str) -> None:
    """Never raises: whoever committed a row has done their work."""
    try:
        app.send_task(task, expires=30, ignore_result=True, retry=False)
    except Exception:
        log.warning("hint_lost", task=task, exc_info=True)
