"""Pages of entries: the list with search and filters, and one entry with its history and use."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web
from sqlmodel import select

from admin import pages_frame as frame
from admin import queue
from admin.library import proposals, reading
from admin.library.changeset import at_revision, entry_text, present
from admin.library.difference import FieldChange, changes
from admin.library.form import number_in
from admin.library.pages_editing import propose
from admin.library.proposals import Made
from admin.library.reading import USE, VALIDITY, Wanted
from bot.service import Service
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.errors import BadInputError, NotFoundError
from knowledge.format import EntryText
from knowledge.tables import Entry, EntryRevision, Policy
from knowledge.vocabulary import Level, ProposalKind

Change = Callable[[EntryText], Awaitable[tuple[EntryText, Made]]]
FOUND_MAX = 60
SEARCH_MAX = 200
LATELY = timedelta(days=30)
HISTORY_SHOWN = 30


@dataclass(frozen=True)
class Step:
    """One revision of the history, with what it changed."""

    revision: EntryRevision
    changes: list[FieldChange]


async def entries_page(request: web.Request) -> web.StreamResponse:
    """Entries by search and filters."""
    service = request.app[SERVICE]
    day = clock.office_day(service.now())
    given = {
        name: request.query.get(name, "")[:SEARCH_MAX] for name in ("q", "topic", "region", "level", "state", "use")
    }
    wanted = Wanted(
        topic=given["topic"],
        region=given["region"],
        level=given["level"],
        validity=given["state"] if given["state"] in VALIDITY else "",
        use=given["use"] if given["use"] in USE else "",
        found=_found(service, given["q"].strip()) if given["q"].strip() else None,
        text=given["q"].strip(),
    )
    async with service.database.reading() as session:
        rows = await reading.entries(session, wanted, frame.page_number(request), day)
        shelf = await reading.shelf(session)
        waiting = await proposals.counts(session)
    kept = {name: value for name, value in given.items() if value}
    return frame.render(
        request, "library_entries.html", rows=rows, shelf=shelf, given=given, waiting=waiting, levels=Level,
        validity=VALIDITY, use=USE, link="/library?" + urlencode(kept) if kept else "/library",
    )  # fmt: skip


def _found(service: Service, text: str) -> tuple[str, ...]:
    """The keys the engine's own index finds, best first."""
    index = service.current.engine.index
    hits = index.search(index.query(index.lexicon.terms(text)), FOUND_MAX)
    best = hits[0].likeness if hits else 0.0
    return tuple(index.entries[hit.entry].key for hit in hits if hit.likeness * 4 >= best)


async def entry_page(request: web.Request) -> web.StreamResponse:
    """Everything about one entry."""
    return await show(request)


async def show(request: web.Request, status: int = 200, error: BadInputError | None = None) -> web.Response:
    """The page of an entry; `error` belongs to one of its small forms, which keeps what was typed."""
    service, key = request.app[SERVICE], request.match_info["key"]
    form = await read_form(request) if error else {}
    async with service.database.reading() as session:
        row = (await session.exec(select(Entry).where(Entry.key == key))).one_or_none()
        if row is None:
            raise NotFoundError("知识库里没有这个条目。")
        entry, _ = await present(session, key)
        steps = await reading.revisions(session, row.id or 0)
        states = await reading.validities(session, [row], clock.office_day(service.now()))
        values = {
            "policies": {one.key: one for one in (await session.exec(select(Policy))).all()},
            "uses": await reading.uses(session, key, service.now() - LATELY),
            "rests": await reading.resting_on_entry(session, key),
            "proposed": await proposals.about(session, key),
            "names": await queue.names(session),
        }
    return frame.render(
        request, "library_entry.html", status, row=row, entry=entry, steps=_history(steps), form=form,
        error=str(error) if error else "", field=(error.field or "") if error else "",
        validity=VALIDITY.get(states.get(key, ""), ""), **values,
    )  # fmt: skip


def _history(rows: Sequence[EntryRevision]) -> list[Step]:
    """Each revision with what it changed in the one before it."""
    texts = [EntryText.model_validate(row.content) for row in rows[: HISTORY_SHOWN + 1]]
    olders = [*texts[1:], None]
    return [
        Step(row, changes(before, text) if before else [])
        for row, text, before in list(zip(rows, texts, olders, strict=False))[:HISTORY_SHOWN]
    ]


async def end(request: web.Request) -> web.StreamResponse:
    """Propose that an entry ends on a day."""
    form = await read_form(request)

    async def changed(entry: EntryText) -> tuple[EntryText, Made]:
        until = form.get("until", "").strip()
        if not until:
            raise BadInputError("请填最后有效日。", "until")
        values = {"valid_until": until, "superseded_by": form.get("superseded_by", "").strip()}
        try:
            ended = entry_text(entry.model_dump(mode="json") | values)
        except BadInputError as fault:
            raise BadInputError(str(fault), "until") from None
        why = proposals.words(form.get("why", ""), "why", "为什么停止")
        return ended, Made(ProposalKind.ENTRY, f"到期停用：{entry.standard}", entry.key, why)

    return await _small(request, changed)


async def roll_back(request: web.Request) -> web.StreamResponse:
    """Propose that an entry becomes again what it was at an earlier revision."""
    form = await read_form(request)

    async def changed(entry: EntryText) -> tuple[EntryText, Made]:
        revision = number_in(form.get("revision", ""))
        async with request.app[SERVICE].database.reading() as session:
            earlier = await at_revision(session, entry.key, revision)
        if earlier is None:
            raise BadInputError("没有这一版。", "back")
        if earlier == entry:
            raise BadInputError("现在的内容和这一版相同，不用恢复。", "back")
        why = proposals.words(form.get("why", ""), "back", "为什么恢复旧版")
        return earlier, Made(ProposalKind.ENTRY, f"恢复第 {revision} 版：{entry.standard}", entry.key, why)

    return await _small(request, changed)


async def _small(request: web.Request, changed: Change) -> web.StreamResponse:
    """A change from one of the small forms of the page; its warnings are told to the approver."""
    service, form = request.app[SERVICE], await read_form(request)
    try:
        async with service.database.reading() as session:
            entry, _ = await present(session, request.match_info["key"])
        after, made = await changed(entry)
        return await propose(request, after, made, number_in(form.get("version", "")))
    except BadInputError as error:
        return await show(request, 422, error)
