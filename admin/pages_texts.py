"""Pages of the report's text: each part with its figures as tokens, preview, saved drafts with their history."""

from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from admin import pages_frame as frame
from admin import pages_year as years
from admin.pages_year import address, who, year_of
from admin.report import tokens, writing
from admin.report.build import Report
from admin.report.checks import CheckResult
from admin.report.figures import Figure
from admin.report.prose import FEE_TITLE, WHOLE
from admin.report.values import shown
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError, ConflictError, NotFoundError

HISTORY_SHOWN = 20
OF_TEXT = ("C7", "C9", "X2", "X3")  # the checks a text can break


@dataclass(frozen=True)
class Typed:
    """What stands in the editor: as saved, or as just typed; `follows` is the saving it was written against."""

    text: str
    follows: int
    error: str = ""
    field: str = "text"


async def texts_page(request: web.Request) -> web.StreamResponse:
    """All parts as they stand now, each with the way to its editor."""
    async with request.app[SERVICE].database.reading() as session:
        report = await years.made(request, session)
        saved = {key: next(iter(await writing.texts(session, report.year, key)), None) for key in writing.PARTS}
        values: dict[str, Any] = {
            "titles": writing.part_titles(report.year),
            "saved": saved,
            "report": report,
            "fee_title": FEE_TITLE,
        }
        return await years.render(request, session, "report_texts.html", "text", **values)


async def text_page(request: web.Request) -> web.StreamResponse:
    """The editor of one part."""
    return await _editor(request, None)


async def save(request: web.Request) -> web.StreamResponse:
    """Keep what was typed, with the history of what stood there."""
    service, typed = request.app[SERVICE], await _typed(request)
    part, year = _part(request), year_of(request)
    try:
        await writing.save_text(service.database, year, part, typed.text, typed.follows, who(request), service.now())
    except BadInputError as error:
        return await _editor(request, replace(typed, error=str(error)), 422)
    except ConflictError as error:
        return await _conflict(request, replace(typed, error=str(error)))
    return frame.see_other(f"{address(request, 'text', part)}?done=text")


async def preview(request: web.Request) -> web.StreamResponse:
    """Show what it would read like; nothing is saved."""
    typed = await _typed(request)
    try:
        writing.checked_text(typed.text, year_of(request))
    except BadInputError as error:
        return await _editor(request, replace(typed, error=str(error)), 422)
    return await _editor(request, typed)


async def insert(request: web.Request) -> web.StreamResponse:
    """Put the token of the figure chosen from the list at the end of the text; nothing is saved."""
    typed, key = await _typed(request), (await read_form(request)).get("figure", "")
    if key not in writing.labels(year_of(request)):
        return await _editor(request, replace(typed, error="请先从列表里选一个指标，再插入。", field="figure"), 422)
    return await _editor(request, replace(typed, text=typed.text.rstrip("\r\n") + tokens.token(key)))


async def _editor(request: web.Request, typed: Typed | None, status: int = 200) -> web.Response:
    part, fresh = _part(request), "fresh" in request.query
    async with request.app[SERVICE].database.reading() as session:
        history = await writing.texts(session, year_of(request), part)
        shown_texts = {f"{part}{WHOLE}": typed.text} if typed else {}
        report = await years.made(request, session, texts=shown_texts)
        if typed is None:
            follows = (history[0].id or 0) if history else 0
            typed = Typed(report.writer.draft(part, fresh=fresh) if report.writer else "", follows)
        return await years.render(
            request,
            session,
            "report_text.html",
            "text",
            status,
            part=part,
            title=writing.part_titles(report.year)[part],
            typed=typed,
            fresh=fresh,
            paragraphs=report.writer.words(part) if report.writer else (),
            faults=_faults(report),
            shelves=_shelves(report),
            history=history[:HISTORY_SHOWN],
        )


async def _conflict(request: web.Request, mine: Typed) -> web.Response:
    part = _part(request)
    async with request.app[SERVICE].database.reading() as session:
        history = await writing.texts(session, year_of(request), part)
        values = {"part": part, "title": writing.part_titles(year_of(request))[part], "mine": mine}
        newest = history[0] if history else None
        return await years.render(request, session, "report_conflict.html", "text", 409, newest=newest, **values)


async def _typed(request: web.Request) -> Typed:
    form = await read_form(request)
    follows = form.get("follows", "")
    if not (follows.isascii() and follows.isdigit() and len(follows) < 10):
        raise BadInputError("页面上缺少版本号，可能已经过时。请复制下面的文字，重新打开这一部分。", "version")
    return Typed(form.get("text", ""), int(follows))


def _part(request: web.Request) -> str:
    part = request.match_info["part"]
    if part not in writing.PARTS:
        raise NotFoundError("报告里没有这一部分。")
    return part


def _faults(report: Report) -> list[CheckResult]:
    return [check for check in report.checks if check.id in OF_TEXT and check.holds is False]


def _shelves(report: Report) -> dict[str, list[tuple[Figure, str]]]:
    """The figures to choose from, those outside the tables first."""
    shelves: dict[str, list[tuple[Figure, str]]] = {}
    tables = {"t2": "表二", "t3": "表三", "t4": "表四"}
    for key, figure in report.figures.items():
        shelf = tables.get(key.split(".")[0], "公开、答复、提问")
        shelves.setdefault(shelf, []).append((figure, shown(figure.value)))
    return shelves
