"""What /metrics says about sending."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from campaigns.domain.queries import ledger


def of_sending() -> Iterator[Metric]:
    """Messages that are not over, and what became of the latest attempts."""
    messages = GaugeMetricFamily(
        "feedbackhub_messages",
        "Messages that are scheduled, being sent, or of unknown fate (recon: still looked up; unknown_final: never).",
        labels=["channel", "state"],
    )
    for labels, number in ledger.open_messages().items():
        messages.add_metric(labels, number)
    yield messages
    minutes = int(ledger.RECENT.total_seconds() // 60)
    attempts = GaugeMetricFamily(
        "feedbackhub_send_attempts", f"Attempts begun within {minutes} minutes.", labels=["provider", "outcome"]
    )
    for labels, number in ledger.recent_attempts().items():
        attempts.add_metric(labels, number)
    yield attempts
