"""Ticks and wake-ups of jobs and of mails. They carry nothing: a lost or doubled one changes nothing."""

from __future__ import annotations

from celery import shared_task

from accounts.domain import digests, jobs, mails
from feedbackhub.alone import alone


@shared_task(name="accounts.send_mails", ignore_result=True)
def send_mails() -> None:
    mails.send_due()


@shared_task(name="accounts.forget_old_mails", ignore_result=True)
def forget_old_mails() -> None:
    mails.forget_old()


@shared_task(name="accounts.run_jobs", ignore_result=True)
def run_jobs() -> None:
    with alone("accounts.run_jobs") as only:
        if only:
            jobs.run()


@shared_task(name="accounts.forget_old_jobs", ignore_result=True)
def forget_old_jobs() -> None:
    jobs.forget_old()


@shared_task(name="accounts.plan_digests", ignore_result=True)
def plan_digests() -> None:
    digests.plan()
