"""The tick of looking back. It carries nothing: a lost or doubled one changes nothing."""

from __future__ import annotations

from celery import shared_task

from crm.domain import lookbacks


@shared_task(name="crm.look_back", ignore_result=True)
def look_back() -> None:
    lookbacks.run()
