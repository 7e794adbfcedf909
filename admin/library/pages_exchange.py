"""The base in and out as a zip: a dry run first; what is brought in waits for a second person like any change."""

import asyncio

from aiohttp import web
from sqlmodel import select

from admin import pages_frame as frame
from admin.auth import person_of
from admin.library import checks, exchange, proposals
from admin.library.changeset import ChangeSet
from admin.library.proposals import Made
from bot.service import Service
from bot.web import BODY_MAX, SERVICE, read_form, read_upload
from knowledge import clock, importing
from knowledge.base import Base
from knowledge.entries import stored_base
from knowledge.errors import BadInputError, ConflictError
from knowledge.importing import Plan
from knowledge.tables import Entry
from knowledge.vocabulary import ProposalKind


async def exchange_page(request: web.Request) -> web.StreamResponse:
    """Export and upload."""
    return _show(request)


async def export(request: web.Request) -> web.StreamResponse:
    """The whole base as a zip."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        base = await stored_base(session)
    content = await asyncio.to_thread(exchange.packed, base)
    name = f"knowledge-{clock.office_day(service.now()):%Y%m%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=content, content_type="application/zip", headers=headers)


async def bring_in(request: web.Request) -> web.StreamResponse:
    """Say what an upload would change; with the word, make a proposal of it."""
    service, form = request.app[SERVICE], await read_form(request)
    try:
        base = await asyncio.to_thread(exchange.unpacked, await _upload(request))
        async with service.database.reading() as session:
            plan = await importing.plan(session, base)
            stored = await stored_base(session)
        change = await _change(service, importing.changed_part(base, plan), stored)
        findings = await asyncio.to_thread(checks.of_base, change, stored)
        if "propose" not in form:
            return _show(request, plan=plan, findings=findings)
        return await _propose(request, change, plan, findings)
    except BadInputError as error:
        return _show(request, 422, error=str(error), field=error.field or "file", why=form.get("why", ""))
    except ConflictError as error:
        return _show(request, 409, error=str(error), field="file", why=form.get("why", ""))


async def _upload(request: web.Request) -> bytes:
    name, content = await read_upload(request, "file")
    if not name:
        raise BadInputError("请选择要导入的 zip 文件。", "file")
    return content


async def _change(service: Service, changed: Base, stored: Base) -> ChangeSet:
    keys = [entry.key for entry in changed.entries]
    async with service.database.reading() as session:
        rows = (await session.exec(select(Entry.key, Entry.revision))).all()
    revisions = dict(rows)
    touched = {policy.key for policy in changed.policies}
    return ChangeSet(
        changed.policies,
        changed.entries,
        changed.vocabulary,
        tuple(policy for policy in stored.policies if policy.key in touched),
        {key: revisions.get(key, 0) for key in keys},
        stored.vocabulary if changed.vocabulary else "",
    )


async def _propose(
    request: web.Request, change: ChangeSet, plan: Plan, findings: list[checks.Finding]
) -> web.StreamResponse:
    service, form = request.app[SERVICE], await read_form(request)
    if not plan.changes_anything:
        raise BadInputError("文件和知识库完全相同，没有要导入的改动。", "file")
    if checks.errors(findings):
        raise BadInputError("有必须改正的问题：" + " ".join(checks.errors(findings)[:5]), "file")
    why = proposals.words(form.get("why", ""), "why", "导入的理由")
    title = f"导入：{len(change.entries)} 条知识，{len(change.policies)} 份文件"
    made = Made(ProposalKind.IMPORT, title, "", why, checks.warnings(findings), why)
    number = await proposals.make(service.database, change, made, person_of(request).username, service.now())
    return frame.see_other(f"/library/proposals/{number}?done=proposed")


def _show(
    request: web.Request,
    status: int = 200,
    *,
    plan: Plan | None = None,
    findings: list[checks.Finding] | None = None,
    error: str = "",
    field: str = "",
    why: str = "",
) -> web.Response:
    return frame.render(
        request, "library_exchange.html", status, plan=plan, findings=findings, error=error, field=field, why=why,
        most=BODY_MAX // 1024 // 1024, unpacked=exchange.UNPACKED_MAX // 1024 // 1024,
    )  # fmt: skip
