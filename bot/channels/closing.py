"""How the board stands by its switch, and with it the API and the office's apps: all three are the same door."""

from aiohttp import web

from bot import switches, wording
from bot.switches import Switch
from bot.web import SERVICE, ClosedError
from knowledge import clock


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


def retry_after(request: web.Request) -> int:
    """Seconds after which it may be worth coming again."""
    return switch_of(request).seconds(request.app[SERVICE].now())


def refuse_if_closed(request: web.Request) -> None:
    """ClosedError with the sentence for the public while the board is switched off."""
    if said := sentence(request):
        raise ClosedError(said, retry_after(request))
