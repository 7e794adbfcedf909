"""The public site: every route in one list."""

from pathlib import Path

from aiohttp import web

from bot import following, health
from bot.assets import Assets
from bot.channels import (
    api,
    app_ledger,
    app_work,
    applications,
    asking,
    board,
    counting,
    frame,
    home,
    library,
    own,
    statistics,
    wechat,
    wechat_work,
)
from bot.channels import app as app_channel
from bot.channels.home_desk import DESK, Desk
from bot.openapi import API
from bot.service import Service
from bot.watch import watched
from bot.web import BODY_MAX, SERVICE, error_pages, security_headers, templates

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
ASSETS = Assets(STATIC)
KEY = r"{key:[A-Za-z0-9][A-Za-z0-9._-]{0,99}}"

ROUTES: list[web.AbstractRouteDef] = [
    web.get("/", home.home),
    web.post("/suggest", home.suggest),
    web.post("/find", home.find),
    web.get("/answers", home.answers),
    web.get(f"/answers/{KEY}", home.answer),
    web.get("/ask", asking.ask_form),
    web.post("/ask", asking.ask),
    web.post("/choose", own.choose),
    web.post("/rate", own.rate),
    web.post("/supplement", own.supplement),
    web.post("/attach", own.attach),
    web.get("/lookup", own.lookup_form),
    web.post("/lookup", own.lookup),
    web.get("/board", board.published_list),
    web.get("/board/feed.xml", board.feed),
    web.get(r"/board/{id:[1-9]\d{0,17}}", board.published_question),
    web.get("/statistics", statistics.statistics),
    web.get("/policies", library.policy_list),
    web.get(f"/policies/{KEY}", library.policy),
    web.get("/privacy", home.privacy),
    web.get("/accessibility", home.accessibility),
    web.post("/display", frame.change_display),
    web.get("/sitemap.xml", board.sitemap),
    web.get("/robots.txt", board.robots),
    web.get("/static/{name:[a-z0-9._-]+}", ASSETS.send),
    web.get("/applications/new", applications.form_page),
    web.post("/applications/new", applications.apply),
    web.get("/applications/lookup", applications.lookup_form),
    web.post("/applications/lookup", applications.lookup),
    web.post("/applications/files", applications.upload),
    web.post(f"{API}/questions", api.ask),
    web.get(f"{API}/questions/{{code}}", api.follow),
    web.post(f"{API}/questions/{{code}}/choice", api.choose),
    web.get(f"{API}/board", api.published_list),
    web.get(f"{API}/board/{{id}}", api.published_question),
    web.get(f"{API}/openapi.json", api.description),
    web.get("/wechat/{account}", wechat.verify),
    web.post("/wechat/{account}", wechat.receive),
    web.post("/app/{app}", app_channel.ask),
    web.post("/app/{app}/state", app_channel.state),
    web.post("/app/{app}/choice", app_channel.choose),
    web.post("/app/{app}/ledger", app_ledger.record),
    web.get("/health/live", health.live),
    web.get("/health/ready", health.ready),
]


def public_app(service: Service) -> web.Application:
    """The whole public site over a running service."""
    app = web.Application(
        middlewares=[
            watched("public", service.metrics),
            security_headers(service.settings),
            error_pages(_error),
        ],
        client_max_size=BODY_MAX,
    )
    app[SERVICE] = service
    app[frame.TEMPLATES] = templates(TEMPLATES)
    app[frame.TEMPLATES].globals.update(
        office=service.settings, asset=ASSETS.address, public_reply=following.public_reply
    )
    app[counting.LIMITS] = counting.Limits.of(service.settings)
    app[DESK] = Desk.of(service)
    app[statistics.STATISTICS] = statistics.Statistics()
    app[wechat_work.WECHAT] = wechat_work.WeChat(service)
    app.cleanup_ctx.append(wechat_work.running)
    app[app_work.APPS] = app_work.Apps(service)
    app.cleanup_ctx.append(app_work.running)
    app.add_routes(ROUTES)
    return app


async def _error(request: web.Request, status: int, sentence: str, field: str) -> web.StreamResponse:
    if request.path.startswith(("/api/", "/app/")):
        return api.problem(request, status, sentence, field)
    again: frame.Again | None = request.get(frame.AGAIN)
    if again:
        return await again(request, status, sentence, field)
    return frame.show(request, "error.html", status, sentence=sentence, number=status)
