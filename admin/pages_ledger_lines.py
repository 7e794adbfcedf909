"""Pages to put one line on the ledger by hand, and to put a corrected line in place of another."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from admin import pages_frame as frame
from admin import queue
from admin.auth import person_of
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.disclosing import writing
from knowledge.disclosing.lines import Hand, line_of, parts_of
from knowledge.disclosing.words import FIELDS, LONGEST
from knowledge.disclosing.writing import Change, DoubleError
from knowledge.errors import BadInputError, ConflictError
from knowledge.ledger import Line
from knowledge.vocabulary import LedgerKind


async def new_page(request: web.Request) -> web.StreamResponse:
    """An empty form for one line."""
    today = clock.office_day(request.app[SERVICE].now()).isoformat()
    return _form(request, {"day": today, "quantity": "1"})


async def record(request: web.Request) -> web.StreamResponse:
    """Record one line; a refused one comes back with everything typed."""
    form, hand = await read_form(request), _hand(request)
    line, errors = _line(form, hand, 1)
    if line is None:
        return _form(request, form, errors)
    try:
        await writing.record_one(request.app[SERVICE].database, line, hand, meant="meant" in form)
    except DoubleError as error:
        return _form(request, form, {"double": str(error)}, double=error.seq)
    return frame.see_other("/ledger?done=line")


async def correct_page(request: web.Request) -> web.StreamResponse:
    """The form to correct a line, with what stands."""
    row = await _row(request)
    source, basis = parts_of(row.source)
    day = clock.office_day(row.at).isoformat()
    form = {name: str(getattr(row, name)) for name in ("kind", "title", "channel", "address", "quantity")}
    return await _correction(request, row, form | {"day": day, "source": source, "basis": basis})


async def correct(request: web.Request) -> web.StreamResponse:
    """Put a line in place of another; a refused one comes back with everything typed."""
    form, hand, row = await read_form(request), _hand(request), await _row(request)
    line, errors = _line(form, hand, 0)
    if line is None:
        return await _correction(request, row, form, errors)
    try:
        change = Change(row.seq, line, form.get("reason", ""))
        await writing.correct(request.app[SERVICE].database, change, hand)
    except BadInputError as error:
        return await _correction(request, row, form, {error.field or "title": str(error)})
    except ConflictError as error:
        return await _correction(request, row, form, {"conflict": str(error)}, 409)
    return frame.see_other("/ledger?done=line_corrected")


def _line(form: Mapping[str, str], hand: Hand, least: int) -> tuple[Line | None, dict[str, str]]:
    line, faults = line_of(form, hand, least)
    errors: dict[str, str] = {}
    for fault in faults:
        errors.setdefault(fault.field, f"{fault.say}。")
    return line, errors


def _hand(request: web.Request) -> Hand:
    return Hand(person_of(request).username, request.app[SERVICE].now())


async def _row(request: web.Request) -> Any:
    async with request.app[SERVICE].database.reader.connect() as connection:
        row = await writing.line_at(connection, int(request.match_info["seq"]))
    writing.refuse_reply(row)
    return row


async def _correction(
    request: web.Request, row: Any, form: Mapping[str, str], errors: Mapping[str, str] | None = None, status: int = 422
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        names = await queue.names(session)
    return _form(request, form, errors, row=row, who=names.get(row.by, row.by), status=status)


def _form(
    request: web.Request,
    form: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    row: Any = None,
    who: str = "",
    double: int | None = None,
    status: int = 422,
) -> web.Response:
    return frame.render(
        request,
        "ledger_form.html",
        status if errors else 200,
        form=form,
        errors=errors or {},
        fields=FIELDS,
        longest=LONGEST,
        kinds=LedgerKind,
        row=row,
        who=who,
        double=double,
        today=clock.office_day(request.app[SERVICE].now()).isoformat(),
        least=0 if row is not None else 1,
    )
