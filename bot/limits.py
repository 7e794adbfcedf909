"""How often one client may ask: sliding windows in memory, so small that a flood cannot fill it."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

KEYS_MAX = 50_000


class Limit:
    """At most `count` events within `seconds` for each key."""

    def __init__(self, count: int, seconds: float, now: Callable[[], float] = monotonic) -> None:
        self._count = count
        self._seconds = seconds
        self._now = now
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> int:
        """Seconds until the key may act again; 0 when it may act now."""
        events = self._live(key)
        if len(events) < self._count:
            return 0
        return max(1, round(events[0] + self._seconds - self._now()))

    def note(self, key: str) -> None:
        """Count one event."""
        self._live(key).append(self._now())

    def _live(self, key: str) -> deque[float]:
        events = self._events.setdefault(key, deque(maxlen=self._count))
        self._events.move_to_end(key)
        while events and events[0] <= self._now() - self._seconds:
            events.popleft()
        while len(self._events) > KEYS_MAX:
            self._events.popitem(last=False)
        return events
