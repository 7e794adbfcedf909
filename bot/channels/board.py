"""留言公开: what was published, to be read by everybody, searched, subscribed to, and found by search engines."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from bot import following, policies, searching, wording
from bot.channels.citizen import page_number
from bot.channels.counting import count_search
from bot.channels.frame import TEMPLATES, show
from bot.following import Followed
from bot.suggesting import listed
from bot.web import SERVICE
from knowledge import clock
from knowledge.errors import NotFoundError
from knowledge.settings import Settings
from knowledge.vocabulary import TOPICS, Kind, ReplyBy

FILTERS = ("q", "topic", "kind", "year")
IN_FEED = 20
IN_MAP = 20_000


async def published_list(request: web.Request) -> web.Response:
    """The board, newest first; words, topic, kind and year in the address narrow it down."""
    number = page_number(request)
    asked = {name: request.query.get(name, "")[:100] for name in FILTERS}
    looked_for = searching.wanted(asked["q"], asked["topic"], asked["kind"], asked["year"])
    if looked_for.words:
        count_search(request)
    async with request.app[SERVICE].database.reading() as session:
        rows, total = await searching.found(session, looked_for, number)
        years = await searching.years(session)
    pages = max(1, -(-total // following.PAGE_SIZE))
    if number > pages:
        raise NotFoundError("没有这一页。")
    return show(
        request,
        "board.html",
        rows=rows,
        total=total,
        number=number,
        pages=pages,
        kinds=Kind,
        topics=TOPICS,
        years=years,
        asked=asked,
        narrowed=looked_for.narrowed,
        page_address=lambda page: "/board?" + urlencode({**{k: v for k, v in asked.items() if v}, "page": page}),
    )


async def published_question(request: web.Request) -> web.Response:
    """One published question at its permanent address."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        followed = await following.published(session, int(request.match_info["id"]))
    reply = followed.reply
    masked = following.public_reply(followed)
    return show(
        request,
        "published.html",
        masked=masked,
        question=followed.question,
        reply=reply,
        kind=Kind(followed.question.kind),
        by_system=reply is not None and reply.by == ReplyBy.SYSTEM,
        wording=wording,
        change=followed.change,
        entry=service.current.entries.get(reply.entry_key) if reply else None,
        address=service.board_address(followed.question.id or 0),
        structured=_structured(followed, masked, service.settings),
    )


async def feed(request: web.Request) -> web.Response:
    """The newest published replies as RSS 2.0."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        rows, _ = await following.board(session)
    items = [(row, following.public_reply(row), service.board_address(row.question.id or 0)) for row in rows[:IN_FEED]]
    return _xml(request, "feed.xml", "application/rss+xml", items=items, url=service.settings.public_url)


async def sitemap(request: web.Request) -> web.Response:
    """Every public address, for search engines."""
    service = request.app[SERVICE]
    today, engine = clock.office_day(service.now()), service.current.engine
    async with service.database.reading() as session:
        questions = await searching.published_numbers(session, IN_MAP)
        documents = await policies.library(session, today, engine.regions)
    answers = await asyncio.to_thread(listed, service.current.entries, engine, today, IN_MAP)
    paths = [
        *("/", "/board", "/policies", "/ask", "/lookup", "/applications/new", "/privacy", "/accessibility"),
        *(f"/answers/{entry.key}" for entry in answers),
        *(f"/policies/{one.policy.key}" for one in documents),
        *(f"/board/{number}" for number in questions),
    ]
    return _xml(request, "sitemap.xml", "application/xml", paths=paths, url=service.settings.public_url)


async def robots(request: web.Request) -> web.Response:
    """Where the site map is, and what is of no use to a search engine."""
    url = request.app[SERVICE].settings.public_url
    text = f"User-agent: *\nDisallow: /lookup\nDisallow: /applications/lookup\nDisallow: /find\nDisallow: /api/\nSitemap: {url}/sitemap.xml\n"
    return web.Response(text=text, content_type="text/plain", charset="utf-8")


def _xml(request: web.Request, name: str, kind: str, **values: Any) -> web.Response:
    text = request.app[TEMPLATES].get_template(name).render(**values)
    return web.Response(text=text, content_type=kind, charset="utf-8")


def _structured(followed: Followed, masked: str, settings: Settings) -> Markup:
    """schema.org QAPage. Inert: a data block no browser runs, and no letter in it can end it."""
    question, reply = followed.question, followed.reply
    about: dict[str, Any] = {
        "@type": "Question",
        "name": question.text[:100],
        "text": question.text,
        "answerCount": 1,
        "dateCreated": question.received_at.isoformat(),
        "acceptedAnswer": {
            "@type": "Answer",
            "text": masked,
            "dateCreated": reply.sent_at.isoformat() if reply else None,
            "url": f"{settings.public_url}/board/{question.id}",
            "author": {"@type": "GovernmentOrganization", "name": settings.office_name},
        },
    }
    text = json.dumps({"@context": "https://schema.org", "@type": "QAPage", "mainEntity": about}, ensure_ascii=False)
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)  # noqa: S704 nothing in it can be markup any more
