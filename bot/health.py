"""Is the process alive, and can it do its work?"""

from aiohttp import web
from sqlalchemy import text as sql

from bot.web import SERVICE


async def live(_request: web.Request) -> web.Response:
    """200 as long as the event loop turns."""
    return web.json_response({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """200 when the database answers; the error middleware makes a 503 of a database that does not."""
    service = request.app[SERVICE]
    async with service.database.reader.connect() as connection:
        await connection.execute(sql("SELECT 1"))
    return web.json_response(
        {"status": "ok", "base_version": service.current.engine.version, "entries": len(service.current.entries)}
    )
