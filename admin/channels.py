"""What the page of the channels reads: each account's health from the rows that stand anyway, and its outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.queue import PAGE_SIZE, Page, paged
from bot import switches
from bot.channels.wechat_codes import CODES, OTHERWISE
from knowledge import clock
from knowledge.channel_settings import WeChatAccount
from knowledge.masking import mask
from knowledge.settings import Settings
from knowledge.tables import Delivery, DeliveryAttempt, Question, WeChatHealth, WeChatPush
from knowledge.vocabulary import DeliveryState, DeliveryWay

UNKNOWN_DAYS, UNKNOWN_SHOWN = 7, 10
UNSURE = "微信没有回音，或连接中途断开，不知道对方是否收到：系统不会自动重发，等对方下次来信时注明后再给。经常这样时请检查网络。"
UNREACHED = "连不上微信接口：请检查本机到 api.weixin.qq.com 的网络、DNS 和防火墙。系统会自动再试。"
# The tabs of a list, with their labels; what is being sent at this moment counts as queued.
TAB_LABELS = {
    DeliveryState.QUEUED: "待发送",
    DeliveryState.SENT: "已送出",
    DeliveryState.WAITING: "等来信时给",
    DeliveryState.UNCERTAIN: "结果不明",
    DeliveryState.FAILED: "失败",
    DeliveryState.EXPIRED: "过期",
    DeliveryState.GIVEN_UP: "不再发送",
}
TABS = {tab: (tab,) for tab in TAB_LABELS} | {DeliveryState.QUEUED: (DeliveryState.QUEUED, DeliveryState.SENDING)}


@dataclass(frozen=True)
class Trouble:
    """The last attempt that did not succeed: what WeChat said, what it means and what to do."""

    at: datetime
    code: int | None
    note: str
    advice: str
    over: bool


@dataclass(frozen=True)
class Health:
    """One official account as it does."""

    last_push: datetime | None
    today: int
    trouble: Trouble | None
    token_at: datetime | None
    token_until: datetime | None
    refused: int
    refused_at: datetime | None
    outbox: dict[DeliveryState, int]
    strangers: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Sending:
    """A delivery in a list: the text masked, with everything that was tried."""

    delivery: Delivery
    question: Question | None
    text: str
    attempts: Sequence[DeliveryAttempt]


def labels(settings: Settings) -> dict[str, str]:
    """Every channel that has a switch, as people call it."""
    accounts = {switches.of_account(one.name): f"微信公众号 {one.name}" for one in settings.wechat}
    return accounts | {switches.BOARD: "网上留言（含接口和自有 APP）"}


async def health(session: AsyncSession, account: WeChatAccount, now: datetime) -> Health:
    """Counted anew each time; the webhook writes nothing for it."""
    since, _ = clock.day_edges(clock.office_day(now))
    pushes = select(func.max(WeChatPush.at)).where(WeChatPush.account == account.name)
    today = select(func.count()).select_from(WeChatPush)
    noted = await session.get(WeChatHealth, account.name) or WeChatHealth(account=account.name)
    return Health(
        last_push=(await session.exec(pushes)).one(),
        today=(await session.exec(today.where(WeChatPush.account == account.name, WeChatPush.at >= since))).one(),
        trouble=await _trouble(session, account.name),
        token_at=noted.token_at,
        token_until=noted.token_until,
        refused=noted.refused,
        refused_at=noted.refused_at,
        outbox=await _outbox(session, account.name),
        strangers=await _strangers(session, account.name, now),
    )


async def deliveries(session: AsyncSession, account: str, state: DeliveryState, number: int) -> Page:
    """The deliveries of an account that stand so, newest first, with their attempts."""
    wanted = select(Delivery).where(Delivery.account == account, col(Delivery.state).in_(TABS[state]))
    found = await paged(session, wanted.order_by(col(Delivery.id).desc()), number, PAGE_SIZE)
    ids = [row.id for row in found.rows]
    tried = select(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id).in_(ids)).order_by(col(DeliveryAttempt.id))
    attempts = (await session.exec(tried)).all()
    asked = select(Question).where(col(Question.id).in_([row.question_id for row in found.rows]))
    questions = {question.id: question for question in (await session.exec(asked)).all()}
    rows = [
        Sending(
            delivery=row,
            question=questions.get(row.question_id),
            text=mask(row.text),
            attempts=[attempt for attempt in attempts if attempt.delivery_id == row.id],
        )
        for row in found.rows
    ]
    return Page(rows, found.number, found.size, found.total)


async def outbox_counts(session: AsyncSession, account: str) -> dict[DeliveryState, int]:
    """How many deliveries stand how."""
    return await _outbox(session, account)


def advice(attempt: DeliveryAttempt) -> str:
    """What an attempt that did not succeed means, and what to do."""
    if attempt.code is not None:
        return CODES.get(attempt.code, OTHERWISE)[1]
    return UNSURE if attempt.state == DeliveryState.UNCERTAIN else UNREACHED


async def _outbox(session: AsyncSession, account: str) -> dict[DeliveryState, int]:
    counted = select(Delivery.state, func.count()).where(Delivery.account == account).group_by(Delivery.state)
    found = dict((await session.exec(counted)).all())
    return {tab: sum(found.get(state.value, 0) for state in states) for tab, states in TABS.items()}


async def _trouble(session: AsyncSession, account: str) -> Trouble | None:
    tried = select(DeliveryAttempt).join(Delivery).where(Delivery.account == account)
    newest = tried.order_by(col(DeliveryAttempt.id).desc()).limit(1)
    by_machine = DeliveryAttempt.way != DeliveryWay.BY_HAND
    row = (await session.exec(newest.where(by_machine, DeliveryAttempt.state != DeliveryState.SENT))).first()
    if row is None:
        return None
    pushed = DeliveryAttempt.way == DeliveryWay.CUSTOMER_MESSAGE
    sent = (await session.exec(newest.where(pushed, DeliveryAttempt.state == DeliveryState.SENT))).first()
    return Trouble(row.at, row.code, row.note, advice(row), over=sent is not None and (sent.id or 0) > (row.id or 0))


async def _strangers(session: AsyncSession, account: str, now: datetime) -> Sequence[tuple[str, int]]:
    """Kinds of pushes that this version does not know, with how many came of late."""
    since = now - timedelta(days=UNKNOWN_DAYS)
    counted = (
        select(WeChatPush.stranger, func.count())
        .where(WeChatPush.account == account, WeChatPush.at >= since, col(WeChatPush.stranger).is_not(None))
        .group_by(WeChatPush.stranger)
        .order_by(func.count().desc(), col(WeChatPush.stranger))
        .limit(UNKNOWN_SHOWN)
    )
    return [(name or "", number) for name, number in (await session.exec(counted)).all()]
