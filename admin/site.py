"""The staff site, put together: its routes behind the guard, its pages, and what it keeps while it runs."""

from aiohttp import web

from admin import auth, pages_year
from admin import pages_frame as frame
from admin.report.records import KeptSums
from admin.routes import ROUTES
from bot.service import Service
from bot.watch import watched
from bot.web import BODY_MAX, SERVICE, error_pages, security_headers


def staff_app(service: Service) -> web.Application:
    """The staff site over a running service; whoever starts the service also stops it."""
    app = web.Application(
        middlewares=[
            watched("staff", service.metrics),
            security_headers(service.settings),
            error_pages(frame.error_page),
            auth.load_person,
        ],
        client_max_size=BODY_MAX,
    )
    app[SERVICE] = service
    app[frame.TEMPLATES] = pages_year.with_numbers(frame.environment())
    app[pages_year.KEPT] = KeptSums()
    app[auth.SIGN_INS] = auth.SignIns()
    for route in ROUTES:
        app.router.add_route(route.method, route.path, auth.guard(route))
    return app
