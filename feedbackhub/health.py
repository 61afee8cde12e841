"""/livez says the process answers; /readyz says everything it needs answers."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

from feedbackhub.celery import app


def livez(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL, cache and broker answer; 503 naming what does not."""
    problems = {}
    for name, probe in (("database", _database), ("cache", _cache), ("broker", _broker)):
        try:
            probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            problems[name] = type(error).__name__
    return JsonResponse(
        {"status": "unavailable" if problems else "ok", "problems": problems}, status=503 if problems else 200
    )


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.get("readyz")


def _broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=0)
