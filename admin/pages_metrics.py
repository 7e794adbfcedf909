"""`/metrics` for Prometheus: from this machine, or with the token the settings name."""

import hmac
import ipaddress

from aiohttp import web
from sqlmodel import col, func, select

from admin import queue, queue_list
from bot.service import Service
from bot.web import SERVICE
from knowledge import clock
from knowledge.tables import Delivery, Question
from knowledge.vocabulary import DeliveryState


async def metrics_page(request: web.Request) -> web.Response:
    """Counters of this process, and what waits as the database has it now. Strangers are told nothing, not even why."""
    service = request.app[SERVICE]
    if not _allowed(request, service):
        raise web.HTTPNotFound
    await _look(service)
    text, media = service.metrics.shown()
    return web.Response(body=text, headers={"Content-Type": media})


def _allowed(request: web.Request, service: Service) -> bool:
    token = service.settings.metrics_token
    if token:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())
    # Behind a proxy everybody comes from this machine: there the token is the only way.
    return "X-Forwarded-For" not in request.headers and _from_this_machine(request.remote)


def _from_this_machine(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


async def _look(service: Service) -> None:
    metrics, open_states = service.metrics, col(Question.state).in_(queue.OPEN)
    waiting = select(Question.state, func.count()).where(open_states).group_by(col(Question.state))
    sending = select(Delivery.state, func.count()).group_by(col(Delivery.state))
    async with service.database.reading() as session:
        open_now = dict((await session.exec(waiting)).all())
        overdue = await queue_list.overdue(session, clock.office_day(service.now()))
        deliveries = dict((await session.exec(sending)).all())
    for state in queue.OPEN:
        metrics.open_questions.labels(state).set(open_now.get(state, 0))
    for each in DeliveryState:
        metrics.outbox.labels(each.value).set(deliveries.get(each.value, 0))
    metrics.overdue.set(overdue)
    metrics.base_version.set(service.current.engine.version)
    metrics.entries.set(len(service.current.entries))
