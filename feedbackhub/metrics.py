"""/metrics for Prometheus: how far the queues are behind, and whatever the apps contribute.

Every figure is read from the database when asked, so any process on any machine gives the same answer and nothing is
lost with one. Figures of single requests are in the log, a line each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from feedbackhub import queues
from feedbackhub.http import calls_from_this_machine

Source = Callable[[], Iterable[Metric]]
_sources: list[Source] = []


def contribute(source: Source) -> None:
    """Add metrics; called when the contributing app is ready."""
    _sources.append(source)


def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever calls from this machine itself, and for bearers of METRICS_TOKEN."""
    if not (calls_from_this_machine(request) or _bears_the_token(request)):
        return HttpResponse(
            "Send METRICS_TOKEN as a bearer token.\n",
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
        )
    registry = CollectorRegistry()
    registry.register(_Everything())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        return HttpResponse(encode(registry), content_type=content_type)
    except DatabaseError as error:
        # Nothing rather than half of it.
        return HttpResponse(f"{type(error).__name__}\n", status=503, content_type="text/plain")


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("feedbackhub", "The hub that answers.", {"version": settings.VERSION})
        yield from _of_queues()
        for source in _sources:
            yield from source()


def _of_queues() -> Iterator[Metric]:
    lag = GaugeMetricFamily("feedbackhub_queue_lag_seconds", "How long the first row has been due.", labels=["queue"])
    due = GaugeMetricFamily(
        "feedbackhub_queue_due", f"Rows that are due and not taken, up to {queues.COUNTED}.", labels=["queue"]
    )
    for name, each in queues.lags().items():
        lag.add_metric([name], each.oldest_seconds)
        due.add_metric([name], each.due)
    yield lag
    yield due


def _bears_the_token(request: HttpRequest) -> bool:
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    known: str = settings.METRICS_TOKEN
    return bool(known) and scheme.lower() == "bearer" and constant_time_compare(sent.strip(), known)
