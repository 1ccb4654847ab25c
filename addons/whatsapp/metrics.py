"""What the operator's monitoring reads."""

from __future__ import annotations

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

TURN_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 25, 50)


class Metrics:
    """Counters of one process, in a registry of their own so that tests do not share them.

    Attributes:
        posts: Requests to the webhook, by what came of them.
        turns: Turns, by how they ended.
        turn_seconds: From a turn's first attempt to its commit.
        sends: Messages handed to Twilio, by what it said.
        repeated: Messages sent again without knowing whether Twilio had taken them: the one case in which
            a customer may read something twice.
        statuses: Delivery statuses by Twilio's word.
        failures: Failed deliveries by Twilio's error number.
        busy: Turns and deliveries under way.
        open: Messages that are not sent yet, by state.
        failed_identifications: Of all senders and processes in the last minute.
    """

    CONTENT_TYPE = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.posts = self._counter("posts", "Requests to the webhook", "outcome")
        self.turns = self._counter("turns", "Turns by how they ended", "outcome")
        self.turn_seconds = Histogram(
            "whatsapp_turn_seconds",
            "From a turn's first attempt to its commit",
            buckets=TURN_BUCKETS,
            registry=self._registry,
        )
        self.sends = self._counter("sends", "Messages handed to Twilio", "outcome")
        self.repeated = self._counter("sends_repeated", "Messages that may have been sent twice")
        self.statuses = self._counter("statuses", "Delivery statuses", "status")
        self.failures = self._counter("failures", "Failed deliveries", "code")
        self.busy = self._gauge("busy", "Work under way", "kind")
        self.failed_identifications = self._gauge(
            "failed_identifications", "Identifications that failed in the last minute, in all processes"
        )
        self.open = self._gauge("outbox_open", "Messages that are not sent yet", "state")

    def render(self) -> bytes:
        """All of them in Prometheus's text format."""
        page: bytes = generate_latest(self._registry)
        return page

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"whatsapp_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"whatsapp_{name}", text, labels, registry=self._registry)
