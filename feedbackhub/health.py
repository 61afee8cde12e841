"""/livez says the process answers; /readyz says everything it needs answers, and how far the queues are behind."""

from __future__ import annotations

import structlog
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from feedbackhub import queues
from feedbackhub.celery import app

log = structlog.get_logger(__name__)


def livez(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL, cache and broker answer; 503 naming what does not.

    `lag_seconds` is for whoever watches and never makes a 503: a balancer that took the web processes away because a
    worker is stuck would stop the answers that still come in. The alert on a lag belongs to /metrics.
    """
    problems = {}
    for name, probe in (("database", _database), ("cache", _cache), ("broker", _broker)):
        try:
            probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            problems[name] = type(error).__name__
    lag = {} if "database" in problems else _lag_seconds()
    return JsonResponse(
        {"status": "unavailable" if problems else "ok", "problems": problems, "lag_seconds": lag},
        status=503 if problems else 200,
    )


def _lag_seconds() -> dict[str, float]:
    try:
        return {name: round(lag.oldest_seconds, 1) for name, lag in queues.lags().items()}
    except DatabaseError:
        log.warning("readyz.lag_unknown", exc_info=True)
        return {}


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.get("readyz")


def _broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=0)
