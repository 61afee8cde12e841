"""Ticks and wake-ups of what happens later. They carry nothing: a lost or doubled one changes nothing."""

from __future__ import annotations

from celery import shared_task

from feedback.api.hub import wire_webhooks
from feedback.domain import tenants, undo
from feedback.domain.rules import queue
from feedback.domain.semantic import upkeep
from feedback.domain.webhooks import deliver
from feedbackhub.alone import alone


@shared_task(name="feedback.deliver_webhooks", ignore_result=True)
def deliver_webhooks() -> None:
    # Events are told in the words of the contract that endpoints are made by.
    deliver.run(body_of=wire_webhooks.body_of)


@shared_task(name="feedback.purge_tenants", ignore_result=True)
def purge_tenants() -> None:
    tenants.purge_due()


@shared_task(name="feedback.embed_records", ignore_result=True)
def embed_records() -> None:
    with alone("feedback.embed_records") as only:
        if only:
            upkeep.run()


@shared_task(name="feedback.forget_old", ignore_result=True)
def forget_old() -> None:
    deliver.forget_old()
    tenants.forget_old_purges()
    undo.forget_expired()


@shared_task(name="feedback.sort_answers", ignore_result=True)
def sort_answers() -> None:
    with alone("feedback.sort_answers") as only:
        if only:
            queue.run()
