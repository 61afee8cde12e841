"""Housekeeping."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from feedbackhub import tasks
from feedbackhub.models import IdempotencyKey


def keep(key: str, *, age: timedelta) -> None:
    row = {"account_id": 1, "key": key, "route_hash": b"r", "body_hash": b"b", "status": 200, "body": b"{}"}
    IdempotencyKey.objects.create(**row)
    IdempotencyKey.objects.filter(key=key).update(created_at=timezone.now() - age)


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    for number in range(5):
        keep(f"old-{number}", age=timedelta(hours=24, minutes=number + 1))
    keep("young", age=timedelta(hours=23, minutes=59))

    assert tasks.forget_idempotency_keys() == 5
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]


def test_the_schedule_knows_the_task():
    assert settings.CELERY_BEAT_SCHEDULE["forget-old-idempotency-keys"]["task"] == tasks.forget_idempotency_keys.name
