"""How the board stands by its switch, and with it the API and the office's apps: all three are the same door."""

from aiohttp import web

from bot import switches, wording
from bot.switches import Switch
from bot.web import SERVICE, ClosedError
from knowledge import clock
from knowledge.vocabulary import Reason


def switch_of(request: web.Request) -> Switch:
    """The board's switch as it stands."""
    return request.app[SERVICE].switches.of(switches.BOARD)


def sentence(request: web.Request) -> str:
    """What the public reads while the board is switched off; empty while it is not."""
    switch, service = switch_of(request), request.app[SERVICE]
    if not switch.off:
        return ""
    hotline, today = service.settings.hotline, clock.office_day(service.now())
    return wording.closed(wording.BOARD_OFF, switch.reason, switch.until, hotline=hotline, now=today)


def held(request: web.Request) -> str:
    """What the public reads while nothing is answered automatically; empty while something may be."""
    return wording.DETAILS[Reason.PAUSED] if switch_of(request).paused else ""


def retry_after(request: web.Request) -> int:
    """Seconds after which it may be worth coming again."""
    return switch_of(request).seconds(request.app[SERVICE].now())


def refuse_if_closed(request: web.Request) -> None:
    """ClosedError with the sentence for the public while the board is switched off."""
    if said := sentence(request):
        raise ClosedError(said, retry_after(request))


def refuse_if_held(request: web.Request) -> None:
    """ClosedError while no approved answer may be shown either: what is read at its address is answered all the same."""
    if switch_of(request).paused:
        raise ClosedError(sentence(request) or wording.ANSWERS_HELD, retry_after(request))
