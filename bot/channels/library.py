"""政策文件: what answers rest on, with what is in force, and the answers under each."""

from aiohttp import web

from bot import policies
from bot.channels import closing
from bot.channels.frame import show
from bot.suggesting import may_be_shown
from bot.web import SERVICE
from knowledge import clock
from knowledge.vocabulary import TOPICS

FEW = 12


async def policy_list(request: web.Request) -> web.Response:
    """All policies with their validity: in force, coming, ended."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        shown = await policies.library(session, clock.office_day(service.now()), service.current.engine.regions)
    states = (policies.IN_FORCE, policies.COMING, policies.ENDED)
    groups = [(state, [one for one in shown if one.state == state]) for state in states]
    return show(request, "policies.html", groups=[group for group in groups if group[1]], total=len(shown))


async def policy(request: web.Request) -> web.Response:
    """One policy: particulars, validity, articles that were checked, and the answers that rest on it."""
    service = request.app[SERVICE]
    today = clock.office_day(service.now())
    regions = service.current.engine.regions
    async with service.database.reading() as session:
        shown, articles, keys = await policies.one(session, request.match_info["key"], today, regions)
    known = (service.current.entries.get(key) for key in keys)
    held = closing.held(request)
    entries = [entry for entry in known if entry and not held and may_be_shown(entry, service.current.engine, today)]
    topics = [(topic, [entry for entry in entries if entry.topic == topic]) for topic in TOPICS]
    return show(
        request,
        "policy.html",
        shown=shown,
        policy=shown.policy,
        articles=articles,
        topics=[(topic, found) for topic, found in topics if found],
        few=len(entries) <= FEW,
    )
