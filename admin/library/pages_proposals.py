"""Pages of proposals: the list, one proposal with its difference, and what the second person does with it."""

from collections.abc import Awaitable
from dataclasses import dataclass

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import pages_frame as frame
from admin import queue
from admin.auth import person_of
from admin.library import proposals
from admin.library.changeset import ChangeSet, at_revision
from admin.library.difference import FieldChange, changes
from admin.library.form import number_in
from admin.library.pages_editing import found
from bot.web import SERVICE, read_form
from knowledge.entries import stored_base
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.format import EntryText, PolicyText
from knowledge.tables import Entry
from knowledge.vocabulary import ProposalKind, ProposalState

ITEMS_SHOWN = 60


@dataclass(frozen=True)
class Item:
    """One policy or entry of a proposal: what it changes, and what others changed meanwhile."""

    heading: str
    address: str
    new: bool
    changes: list[FieldChange]
    meanwhile: list[FieldChange]


async def proposals_page(request: web.Request) -> web.StreamResponse:
    """Proposals by state."""
    word = request.query.get("state", ProposalState.OPEN)
    if word not in tuple(ProposalState):
        raise NotFoundError("没有这种状态的列表。")
    async with request.app[SERVICE].database.reading() as session:
        rows = await proposals.listed(session, ProposalState(word))
        counts = await proposals.counts(session)
        names = await queue.names(session)
    return frame.render(
        request, "library_proposals.html", rows=rows, counts=counts, names=names, state=word, states=ProposalState
    )


async def proposal_page(request: web.Request) -> web.StreamResponse:
    """One proposal."""
    return await show(request)


async def show(request: web.Request, status: int = 200, error: str = "", field: str = "") -> web.Response:
    """The page of a proposal; after an error with the reason and with the words that were typed."""
    service, number = request.app[SERVICE], _number(request)
    comment = (await read_form(request)).get("comment", "") if error else ""
    async with service.database.reading() as session:
        row = await proposals.get(session, number)
        change = ChangeSet.of_json(row.change)
        waits = row.state in proposals.AMENDABLE
        stale = waits and await proposals.stale(session, change)
        items = await _items(session, change, stale=stale)
        story = await proposals.events(session, number)
        names = await queue.names(session)
    findings = await found(service, change) if waits else []
    person = person_of(request)
    return frame.render(
        request, "library_proposal.html", status, row=row, items=items[:ITEMS_SHOWN], more=len(items[ITEMS_SHOWN:]),
        words=change.vocabulary, stale=stale, story=story, names=names, findings=findings, error=error, field=field,
        comment=comment, own=row.made_by == person.username,
        editable=row.kind == ProposalKind.ENTRY,
    )  # fmt: skip


async def _items(session: AsyncSession, change: ChangeSet, *, stale: bool) -> list[Item]:
    before = {row.key: row for row in change.policies_before}
    base = await stored_base(session) if stale else None
    now: dict[str, PolicyText | EntryText] = {}
    if base:
        now = {f"p {row.key}": row for row in base.policies} | {f"e {row.key}": row for row in base.entries}
    keys = [entry.key for entry in change.entries]
    known = set((await session.exec(select(Entry.key).where(col(Entry.key).in_(keys)))).all())
    items = []
    for policy in change.policies:
        old, stands = before.get(policy.key), now.get(f"p {policy.key}")
        items.append(
            Item(f"政策文件 {policy.title}", f"/library/policies/{policy.key}", old is None, changes(old, policy), _since(old, stands))
        )  # fmt: skip
    for entry in change.entries:
        revision = change.revisions[entry.key]
        seen = await at_revision(session, entry.key, revision) if revision else None
        address = f"/library/entries/{entry.key}" if entry.key in known else ""
        since = _since(seen, now.get(f"e {entry.key}"))
        items.append(Item(f"条目 {entry.key}：{entry.standard}", address, seen is None, changes(seen, entry), since))
    return items


def _since(old: PolicyText | EntryText | None, stands: PolicyText | EntryText | None) -> list[FieldChange]:
    return changes(old, stands) if stands is not None and stands != old else []


async def approve(request: web.Request) -> web.StreamResponse:
    """Let a proposal become what answers; the service takes it up before the page is shown."""
    service, form = request.app[SERVICE], await read_form(request)

    async def act() -> str:
        comment = proposals.words(form.get("comment", ""), "comment", "审核意见", needed=False)
        version, who = number_in(form.get("version", "")), person_of(request).username
        await proposals.approve(service.database, _number(request), version, who, comment, service.now())
        await service.current.refresh()
        return "approved"

    return await _done(request, act())


async def send_back(request: web.Request) -> web.StreamResponse:
    """Return a proposal to its author."""
    service, form = request.app[SERVICE], await read_form(request)

    async def act() -> str:
        comment = proposals.words(form.get("comment", ""), "comment", "退回的意见")
        version, who = number_in(form.get("version", "")), person_of(request).username
        await proposals.send_back(service.database, _number(request), version, who, comment, service.now())
        return "sent_back"

    return await _done(request, act())


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Take one's own proposal back."""
    service, form = request.app[SERVICE], await read_form(request)

    async def act() -> str:
        version, who = number_in(form.get("version", "")), person_of(request).username
        await proposals.withdraw(service.database, _number(request), version, who, service.now())
        return "proposal_withdrawn"

    return await _done(request, act())


async def _done(request: web.Request, action: Awaitable[str]) -> web.StreamResponse:
    try:
        word = await action
    except BadInputError as error:
        return await show(request, 422, str(error), error.field or "decision")
    except ConflictError as error:
        return await show(request, 409, str(error), "decision")
    return frame.see_other(f"/library/proposals/{_number(request)}?done={word}")


def _number(request: web.Request) -> int:
    return int(request.match_info["id"])
