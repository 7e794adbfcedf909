"""The questions offered to somebody who has not asked yet: the operator's own, else those answered most of late."""

from datetime import datetime, timedelta

from bot import wording
from bot.channels.wechat_accounts import Account
from bot.channels.wechat_text import BETWEEN, menu_link
from bot.service import Service
from bot.suggesting import most_answered
from knowledge import clock

SHOWN = 5
COUNT_DAYS = 30
KEPT_FOR = timedelta(minutes=10)
HOT_MARK = "hot"


class HotQuestions:
    """Counts now and then, not at every greeting."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._counted: tuple[str, ...] = ()
        self._counted_at: datetime | None = None

    async def shown(self, account: Account, greeting: str) -> str:
        """The greeting with the questions below it; tappable where the account may use menu messages."""
        questions = account.settings.hot_questions or await self._most_answered()
        if not questions:
            return greeting
        lines = [menu_link(text, HOT_MARK) if account.can_push else f"· {text}" for text in questions]
        return greeting + BETWEEN + "\n".join([wording.WECHAT_HOT, *lines])

    async def _most_answered(self) -> tuple[str, ...]:
        now = self._service.now()
        if self._counted_at is None or now - self._counted_at > KEPT_FOR:
            self._counted_at = now
            self._counted = await self._count(now)
        return self._counted

    async def _count(self, now: datetime) -> tuple[str, ...]:
        keys = await most_answered(self._service.database, now - timedelta(days=COUNT_DAYS), SHOWN)
        entries, today = self._service.current.entries, clock.office_day(now)
        return tuple(entries[key].standard for key in keys if key in entries and entries[key].in_force(today))
