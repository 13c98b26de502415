"""Metrics for Prometheus. Several processes share them in the folder PROMETHEUS_MULTIPROC_DIR."""

import os
from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REQUESTS = Counter("vpnconsole_requests_total", "Requests answered", ["method", "view", "status"])
SECONDS = Histogram(
    "vpnconsole_request_seconds",
    "How long answering took",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OPERATIONS = Counter("vpnconsole_operations_total", "Operations by how they ended", ["operation", "outcome"])
SIGN_INS = Counter("vpnconsole_sign_ins_total", "Attempts to sign in by how they ended", ["outcome"])
UNAVAILABLE = Counter("vpnconsole_unavailable_total", "Requests that the database could not serve", ["reason"])
UNPROVEN = Counter("vpnconsole_api_unproven_total", "API requests that did not prove who sent them", ["code"])

CONTENT_TYPE = CONTENT_TYPE_LATEST


def count(counter: Counter, *labels: object) -> None:
    """Count one occurrence. A full disk, where metrics are kept, must not fail the request."""
    with suppress(OSError):
        counter.labels(*labels).inc()


def observe(histogram: Histogram, seconds: float, *labels: object) -> None:
    """Note how long something took; a full disk must not fail the request."""
    with suppress(OSError):
        histogram.labels(*labels).observe(seconds)


def exposition() -> bytes:
    """The metrics of all processes of this server, in Prometheus' text format."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest()
