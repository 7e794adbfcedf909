"""What the front page keeps at hand between visitors: hot questions, the pace of replies, the count of looks."""

from dataclasses import dataclass

from aiohttp import web

from bot.deflection import Looks
from bot.pace import PaceKeeper
from bot.service import Service
from bot.suggesting import Hot


@dataclass(frozen=True)
class Desk:
    """One for each process."""

    hot: Hot
    pace: PaceKeeper
    looks: Looks

    @classmethod
    def of(cls, service: Service) -> "Desk":
        """Over a running service."""
        return cls(Hot(service.database, service.current), PaceKeeper(service.database), Looks(service.database))


DESK = web.AppKey("desk", Desk)
