"""Ticks and wake-ups of the sender. They carry nothing: a lost or doubled one changes nothing."""

from __future__ import annotations

from celery import shared_task

from campaigns.domain import advance, retention
from campaigns.domain.sender import run


@shared_task(name="campaigns.send_due_messages", ignore_result=True)
def send_due_messages() -> None:
    run.run()


@shared_task(name="campaigns.reap_lost_attempts", ignore_result=True)
def reap_lost_attempts() -> None:
    run.tidy()


@shared_task(name="campaigns.advance", ignore_result=True)
def advance_campaigns() -> None:
    advance.run()


@shared_task(name="campaigns.forget_raw", ignore_result=True)
def forget_raw() -> None:
    retention.forget()
