"""The public site: every route in one list."""

from pathlib import Path

from aiohttp import web

from bot import health
from bot.channels import api, app_ledger, app_work, applications, board, counting, wechat, wechat_work
from bot.channels import app as app_channel
from bot.openapi import API
from bot.service import Service
from bot.watch import watched
from bot.web import BODY_MAX, SERVICE, error_pages, page, security_headers, templates

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"

ROUTES: list[web.AbstractRouteDef] = [
    web.get("/", board.home),
    web.post("/ask", board.ask),
    web.post("/choose", board.choose),
    web.get("/lookup", board.lookup_form),
    web.post("/lookup", board.lookup),
    web.get("/board", board.published_list),
    web.get(r"/board/{id:[1-9]\d{0,17}}", board.published_question),
    web.get("/privacy", board.privacy),
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
    app[board.TEMPLATES] = templates(TEMPLATES)
    app[board.TEMPLATES].globals["office"] = service.settings
    app[counting.LIMITS] = counting.Limits.of(service.settings)
    app[wechat_work.WECHAT] = wechat_work.WeChat(service)
    app.cleanup_ctx.append(wechat_work.running)
    app[app_work.APPS] = app_work.Apps(service)
    app.cleanup_ctx.append(app_work.running)
    app.add_routes(ROUTES)
    app.router.add_static("/static/", STATIC)
    return app


async def _error(request: web.Request, status: int, sentence: str, field: str) -> web.StreamResponse:
    if request.path.startswith(("/api/", "/app/")):
        return api.problem(request, status, sentence, field)
    return page(request.app[board.TEMPLATES], "error.html", status, sentence=sentence, number=status)
