"""Every request gets an id that its log lines and its answer carry, and is counted."""

import logging
import re
import secrets
import time
from contextvars import ContextVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.metrics import Metrics

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class WithRequestId(logging.Filter):
    """Adds `request_id` to a log record; "-" where nobody asked."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.request_id = request_id.get()
        return True


def watched(site: str, metrics: Metrics) -> Middleware:
    """The outermost middleware. An id of the proxy's is kept if it looks like one; routes are counted, not addresses."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(HEADER, "")
        mark = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(mark)
        began, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
            response.headers.setdefault(HEADER, mark)
            return response
        except web.HTTPException as error:  # what the pages of errors let through, such as a redirect
            status = error.status
            error.headers[HEADER] = mark
            raise
        finally:
            resource = request.match_info.route.resource
            route = resource.canonical if resource else UNMATCHED
            method = request.method if request.method in METHODS else "other"
            metrics.requests.labels(site, method, route, status).inc()
            metrics.seconds.labels(site, route).observe(time.perf_counter() - began)
            request_id.reset(token)

    return middleware
