"""The editor of an entry: new, changed, or a proposal amended. Whatever is wrong, nothing typed is lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import pages_frame as frame
from admin.auth import person_of
from admin.library import checks, gaps, proposals, reading
from admin.library.changeset import ChangeSet, present
from admin.library.checks import Finding
from admin.library.difference import changes
from admin.library.form import Typed, entry_of, number_in, of_entry, typed
from admin.library.proposals import Made
from bot.service import Service
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.base import Base
from knowledge.entries import known_entry, stored_base
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.format import EntryText
from knowledge.tables import Entry, Policy, Proposal
from knowledge.vocabulary import TOPICS, EntryStatus, Level, ProposalKind


@dataclass(frozen=True)
class Target:
    """What the editor works on: an entry (none: a new one), or a proposal that its author amends."""

    action: str
    heading: str
    key: str = ""
    proposal: Proposal | None = None


async def new_page(request: web.Request) -> web.StreamResponse:
    """The editor, empty, or with what a person once answered."""
    number = request.query.get("question", "")
    start = Typed({"status": EntryStatus.APPROVED, "region": request.app[SERVICE].settings.region})
    if number:
        start = await gaps.drafted(request.app[SERVICE], number_in(number))
    return await show(request, _new(), start)


async def new(request: web.Request) -> web.StreamResponse:
    """Propose a new entry."""
    return await _submitted(request, _new())


async def edit_page(request: web.Request) -> web.StreamResponse:
    """The editor with an entry as it stands."""
    target = _of_entry(request)
    async with request.app[SERVICE].database.reading() as session:
        entry, revision = await present(session, target.key)
    return await show(request, target, of_entry(entry, revision))


async def edit(request: web.Request) -> web.StreamResponse:
    """Propose a change of an entry."""
    return await _submitted(request, _of_entry(request))


async def amend_page(request: web.Request) -> web.StreamResponse:
    """The editor with a proposal."""
    target = await _of_proposal(request)
    async with request.app[SERVICE].database.reading() as session:
        row = await proposals.get(session, int(request.match_info["id"]))
    change = ChangeSet.of_json(row.change)
    entry = change.entries[0]
    start = replace(of_entry(entry, change.revisions[entry.key]), why=row.why, reason=row.reason)
    return await show(request, target, start)


async def amend(request: web.Request) -> web.StreamResponse:
    """Put other words in place of a proposal's."""
    return await _submitted(request, await _of_proposal(request))


def _new() -> Target:
    return Target("/library/new", "新建条目")


def _of_entry(request: web.Request) -> Target:
    key = request.match_info["key"]
    return Target(f"/library/entries/{key}/edit", "修改条目", key)


async def _of_proposal(request: web.Request) -> Target:
    number = int(request.match_info["id"])
    async with request.app[SERVICE].database.reading() as session:
        row = await proposals.get(session, number)
    if row.kind != ProposalKind.ENTRY:
        raise NotFoundError("这份提案不在这里修改：请撤回后重新提出。")
    key = row.subject if ChangeSet.of_json(row.change).revisions.get(row.subject) else ""
    return Target(f"/library/proposals/{number}/edit", f"修改第 {number} 号提案", key, row)


async def show(
    request: web.Request,
    target: Target,
    form: Typed,
    status: int = 200,
    findings: Sequence[Finding] | None = None,
    theirs: EntryText | None = None,
) -> web.Response:
    """The editor with what was typed; `theirs` is what stands now where somebody was faster."""
    async with request.app[SERVICE].database.reading() as session:
        policies = (await session.exec(select(Policy).order_by(col(Policy.key)))).all()
        shelf = await reading.shelf(session)
    regions = dict.fromkeys(("全国", *shelf.regions, request.app[SERVICE].settings.region))
    return frame.render(
        request, "library_edit.html", status, target=target, form=form, findings=findings, theirs=theirs,
        differences=_differences(theirs, form) if theirs else [], policies=policies, topics=TOPICS,
        regions=[one for one in regions if one], levels=Level, statuses=EntryStatus,
        proposal_version=target.proposal.version if target.proposal else 0,
    )  # fmt: skip


def _differences(theirs: EntryText, form: Typed) -> list[Any]:
    try:
        return list(changes(theirs, entry_of(form)))
    except BadInputError:
        return []


async def _submitted(request: web.Request, target: Target) -> web.StreamResponse:
    service, fields = request.app[SERVICE], await read_form(request)
    form = typed(fields)
    findings: list[Finding] | None = None
    try:
        entry = entry_of(form)
        if target.key and entry.key != target.key:
            raise BadInputError("标识：建好后不能改。", "key")
        async with service.database.reading() as session:
            await _worth_it(session, target, entry)
        change = proposals.of_entry(entry, form.version)
        findings = await found(service, change)
        if "check" in fields:
            return await show(request, target, form, 200, findings)
        made = _made(target, form, entry, findings)
        number = await _keep(request, target, change, made, fields)
        return frame.see_other(f"/library/proposals/{number}?done=proposed")
    except BadInputError as error:
        return await show(request, target, form.mended(error), 422, findings)
    except ConflictError as error:
        return await _conflict(request, target, form, error)


async def _worth_it(session: AsyncSession, target: Target, entry: EntryText) -> None:
    known = (await session.exec(select(Entry.id).where(Entry.key == entry.key))).first()
    if not target.key and known is not None:
        raise BadInputError("标识：已经有这个条目，请换一个，或者去修改它。", "key")
    if target.key and target.proposal is None and (await present(session, entry.key))[0] == entry:
        raise BadInputError("和现在的内容完全相同，没有需要审核的改动。", "why")


def _made(target: Target, form: Typed, entry: EntryText, findings: list[Finding]) -> Made:
    if checks.errors(findings):
        raise BadInputError("有必须改正的问题，见上面的检查结果。", "findings")
    why = proposals.words(form.why, "why", "修改的理由")
    warned = checks.warnings(findings)
    reason = proposals.words(form.reason, "reason", "对提醒的说明", needed=bool(warned))
    question = number_in(form.question) if form.question else None
    heading = "修改" if target.key else "新建"
    return Made(ProposalKind.ENTRY, f"{heading}：{entry.standard}", entry.key, why, warned, reason, question)


async def _keep(request: web.Request, target: Target, change: ChangeSet, made: Made, fields: dict[str, str]) -> int:
    service, who = request.app[SERVICE], person_of(request).username
    if target.proposal is None:
        return await proposals.make(service.database, change, made, who, service.now())
    number, version = target.proposal.id or 0, number_in(fields.get("proposal_version", ""))
    await proposals.amend(service.database, number, version, change, made, who, service.now())
    return number


async def _conflict(request: web.Request, target: Target, form: Typed, error: ConflictError) -> web.Response:
    """Both texts on one page; sent again, mine rests on what stands now."""
    theirs, revision = None, form.version
    if target.key:
        async with request.app[SERVICE].database.reading() as session:
            theirs, revision = await present(session, target.key)
    if target.proposal:
        target = await _of_proposal(request)
    told = replace(form, version=revision, error=str(error), field="conflict")
    return await show(request, target, told, 409, None, theirs)


async def propose(request: web.Request, entry: EntryText, made: Made, revision: int) -> web.Response:
    """Keep a proposal from a small form; what is found goes to the approver with it."""
    service = request.app[SERVICE]
    change = proposals.of_entry(entry, revision)
    findings = await found(service, change)
    if checks.errors(findings):
        raise BadInputError("不能这样改：" + " ".join(checks.errors(findings)[:3]), "why")
    kept = replace(made, warnings=checks.warnings(findings), reason=made.why)
    try:
        number = await proposals.make(service.database, change, kept, person_of(request).username, service.now())
    except ConflictError as error:
        target = Target(f"/library/entries/{entry.key}/edit", "修改条目", entry.key)
        return await _conflict(request, target, replace(of_entry(entry, revision), why=made.why), error)
    return frame.see_other(f"/library/proposals/{number}?done=proposed")


async def found(service: Service, change: ChangeSet) -> list[Finding]:
    """Everything the checks find; the engine is asked only about a single entry, for an import it would take too long."""
    async with service.database.reading() as session:
        base = await stored_base(session)
    findings = checks.of_base(change, base)
    if len(change.entries) == 1 and not checks.errors(findings):
        day = clock.office_day(service.now())
        findings += await asyncio.to_thread(_asked, service, change, base, day)
    return findings


def _asked(service: Service, change: ChangeSet, base: Base, day: Any) -> list[Finding]:
    entry = change.entries[0]
    if entry.status is not EntryStatus.APPROVED:
        return []
    policies = {row.key: row for row in change.applied(base).policies}
    others = {key: known for key, known in service.current.entries.items() if key != entry.key}
    engine = service.current.as_if((*others.values(), known_entry(entry, policies, 0)))
    stood = next((one for one in base.entries if one.key == entry.key), None)
    return checks.of_engine(entry, engine, day, stood)
