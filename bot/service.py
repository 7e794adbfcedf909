"""The running service: settings, database, engine and receiver, started and stopped together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.current import CurrentEngine
from bot.metrics import Metrics
from bot.receiving import Receiver
from bot.switches import Switches
from bot.vectors import Vectors
from knowledge import clock, migrate
from knowledge.db import Database, open_database, wait_until_reachable
from knowledge.settings import Settings
from knowledge.signing import secret_key


@dataclass
class Service:
    """What the handlers of both sites are given."""

    settings: Settings
    database: Database
    current: CurrentEngine
    switches: Switches
    receiver: Receiver
    key: bytes
    now: Callable[[], datetime]
    metrics: Metrics
    vectors: Vectors | None = None

    def board_address(self, question_id: int) -> str:
        """The permanent public address of a question on the board."""
        return f"{self.settings.public_url}/board/{question_id}"

    async def stop(self) -> None:
        """Write what waits, then let go of the database."""
        await self.receiver.stop()
        if self.vectors:
            await self.vectors.stop()
        await self.switches.stop()
        await self.current.stop()
        await self.database.close()


async def start(settings: Settings, now: Callable[[], datetime] = clock.now) -> Service:
    """Open and migrate the database, build the engine, begin to receive."""
    database = open_database(settings)
    try:
        await wait_until_reachable(database)
        await migrate.upgrade(database)
        current = CurrentEngine(database, settings)
        await current.start()
        switches = Switches(database)
        await switches.start()
    except BaseException:
        await database.close()
        raise
    key = secret_key(settings)
    vectors = Vectors(settings, lambda: current.entries) if settings.embeddings_url else None
    metrics = Metrics()
    receiver = Receiver(database, current, settings, key, now, metrics, vectors.near if vectors else None)
    receiver.start()
    if vectors:
        vectors.start()
    return Service(settings, database, current, switches, receiver, key, now, metrics, vectors)
