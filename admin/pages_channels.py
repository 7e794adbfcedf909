"""Pages of the channels: how each does, its switch, and what became of the answers on their way."""

from collections.abc import Awaitable
from datetime import date

from aiohttp import web

from admin import channels, queue
from admin import pages_frame as frame
from admin.auth import person_of
from admin.channels import labels
from bot import outbox, switches
from bot.switches import Switch
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Delivery
from knowledge.vocabulary import ChannelLevel, DeliveryState

NO_CHANNEL = "没有这个渠道，设置里可能已经去掉了。"


async def channels_page(request: web.Request) -> web.StreamResponse:
    """One card for each account, and one for the board."""
    return await _channels(request)


async def switch(request: web.Request) -> web.StreamResponse:
    """Turn a channel off or on; the reason typed comes back with whatever was wrong."""
    service, form, channel = request.app[SERVICE], await read_form(request), request.match_info["channel"]
    if channel not in labels(service.settings):
        raise NotFoundError(NO_CHANNEL)
    try:
        await switches.turn(service.database, channel, _wanted(form, person_of(request).username), service.now())
    except BadInputError as error:
        return await _channels(request, 422, channel=channel, error=str(error), field=error.field or "", form=form)
    except ConflictError as error:
        await service.switches.refresh()
        return await _channels(request, 409, channel=channel, error=str(error), form=form)
    await service.switches.refresh()
    return frame.see_other("/channels?done=switched")


async def deliveries_page(request: web.Request) -> web.StreamResponse:
    """The deliveries of one account that stand in one state."""
    word = request.query.get("state", DeliveryState.FAILED.value)
    if word not in tuple(channels.TABS):
        raise NotFoundError("没有这种状态的列表。")
    name = request.match_info["channel"].partition(":")[2]
    return await _deliveries(request, name, DeliveryState(word))


async def send_again(request: web.Request) -> web.StreamResponse:
    """Queue a stuck delivery once more."""
    service, form = request.app[SERVICE], await read_form(request)
    by, reason = person_of(request).username, form.get("reason", "")
    work = outbox.send_again(service.database, _number(request), by=by, reason=reason, at=service.now())
    return await _turned(request, work, reason, "again")


async def give_up(request: web.Request) -> web.StreamResponse:
    """Decide that it will not be sent."""
    service, form = request.app[SERVICE], await read_form(request)
    by, reason = person_of(request).username, form.get("reason", "")
    work = outbox.give_up(service.database, _number(request), by=by, reason=reason, at=service.now())
    return await _turned(request, work, reason, "given_up")


async def _turned(request: web.Request, work: Awaitable[None], reason: str, done: str) -> web.StreamResponse:
    async with request.app[SERVICE].database.reading() as session:
        row = await session.get(Delivery, _number(request))
    try:
        await work
    except BadInputError as error:
        if row is None:
            raise NotFoundError("没有这条发送记录。") from None
        return await _deliveries(
            request, row.account or "", _tab(row.state), 422, error=str(error), wrong=row.id, reason=reason
        )
    account = row.account if row else ""
    return frame.see_other(f"/channels/{switches.of_account(account or '')}/deliveries?done={done}")


async def _channels(
    request: web.Request,
    status: int = 200,
    *,
    channel: str = "",
    error: str = "",
    field: str = "",
    form: dict[str, str] | None = None,
) -> web.Response:
    service = request.app[SERVICE]
    known = labels(service.settings)
    async with service.database.reading() as session:
        healths = {
            switches.of_account(account.name): (account, await channels.health(session, account, service.now()))
            for account in service.settings.wechat
        }
        turns = await switches.history(session, tuple(known))
        names = await queue.names(session)
    return frame.render(
        request,
        "channels.html",
        status,
        labels=known,
        healths=healths,
        standing={each: service.switches.of(each) for each in known},
        turns=turns,
        tabs=channels.TAB_LABELS,
        names=names,
        levels=ChannelLevel,
        now=service.now(),
        wrong=channel,
        error=error,
        field=field,
        form=form or {},
        public_url=service.settings.public_url,
    )


async def _deliveries(
    request: web.Request,
    name: str,
    state: DeliveryState,
    status: int = 200,
    *,
    error: str = "",
    wrong: int | None = None,
    reason: str = "",
) -> web.Response:
    service, channel = request.app[SERVICE], switches.of_account(name)
    if channel not in labels(service.settings):
        raise NotFoundError(NO_CHANNEL)
    async with service.database.reading() as session:
        rows = await channels.deliveries(session, name, state, frame.page_number(request))
        counts = await channels.outbox_counts(session, name)
        names = await queue.names(session)
    return frame.render(
        request,
        "deliveries.html",
        status,
        channel=channel,
        label=labels(service.settings)[channel],
        rows=rows,
        link=f"/channels/{channel}/deliveries?state={state.value}",
        state=state,
        counts=counts,
        tabs=channels.TAB_LABELS,
        names=names,
        stuck=outbox.STUCK,
        advice=channels.advice,
        error=error,
        wrong=wrong,
        reason=reason,
    )


def _wanted(form: dict[str, str], by: str) -> Switch:
    level, number = form.get("level", ""), form.get("number", "")
    if level not in tuple(ChannelLevel):
        raise BadInputError("请选择要改成的状态。", "level")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise BadInputError("页面已经过时，请刷新后再操作。", "level")
    keeps = level != ChannelLevel.OFF or form.get("keeps") == "1"
    return Switch(ChannelLevel(level), form.get("reason", ""), _day(form), keeps, int(number), None, by)


def _day(form: dict[str, str]) -> date | None:
    typed = form.get("until", "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInputError("日期要写成 2026-12-31 这样。", "until") from None


def _tab(state: str) -> DeliveryState:
    return next(tab for tab, states in channels.TABS.items() if state in states)


def _number(request: web.Request) -> int:
    return int(request.match_info["id"])
