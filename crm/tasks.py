"""Ticks. They carry nothing: a lost or doubled one changes nothing."""

from __future__ import annotations

from celery import shared_task

from crm.domain import lookbacks
from crm.domain.merging import undo


@shared_task(name="crm.look_back", ignore_result=True)
def look_back() -> None:
    lookbacks.run()


@shared_task(name="crm.forget_merged_rows", ignore_result=True)
def forget_merged_rows() -> None:
    undo.forget_old()
