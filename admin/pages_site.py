"""The page of the 政府网站工作年度报表, filled from the same figures as the yearly report."""

from aiohttp import web

from admin import pages_year as years
from admin.report.site_form import faults, fill, site_form
from bot.web import SERVICE
from knowledge import counts


async def site_page(request: web.Request) -> web.StreamResponse:
    """Every field with its value, or the space to fill it in."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        figures = await years.figures(request, session)
        found = await counts.of_year(await session.connection(), years.year_of(request))
        blocks = fill(figures, found, service.settings)
        return await years.render(
            request, session, "report_site.html", "site", form=site_form(), blocks=blocks, faults=faults(found)
        )
