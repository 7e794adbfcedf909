"""What is counted while a process runs, for Prometheus: names, labels and meanings in one list (docs/monitoring.md).

Each process counts for itself from its start; figures of the office come from the records, never from here. No label
holds anything a citizen wrote.
"""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


@dataclass
class Metrics:
    """One process's counters."""

    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=True))

    def __post_init__(self) -> None:
        """Every metric there is."""
        self.requests = Counter(
            "zhengwen_requests", "Requests answered.", ("site", "method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "zhengwen_request_seconds",
            "Seconds from a request's head to its answer.",
            ("site", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.questions = Counter(
            "zhengwen_questions",
            "Questions put on record.",
            ("channel", "outcome", "reason"),
            registry=self.registry,
        )
        self.pushes = Counter(
            "zhengwen_wechat_pushes", "WeChat pushes put on record.", ("account", "kind"), registry=self.registry
        )
        self.base_version = Gauge(
            "zhengwen_base_version", "Version of the knowledge base in use.", registry=self.registry
        )
        self.entries = Gauge("zhengwen_entries", "Entries of the knowledge base in use.", registry=self.registry)
        self.open_questions = Gauge(
            "zhengwen_open_questions", "Questions that wait for a person.", ("state",), registry=self.registry
        )
        self.overdue = Gauge("zhengwen_overdue_questions", "Open questions past their day.", registry=self.registry)
        self.outbox = Gauge("zhengwen_outbox", "Deliveries by state.", ("state",), registry=self.registry)

    def shown(self) -> tuple[bytes, str]:
        """The text Prometheus reads, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
