"""Pages to import many lines from a file: upload, trial run with every fault, import, and the undoing of an import."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from admin import ledger_uploads as uploads
from admin import pages_frame as frame
from admin import queue
from admin.auth import person_of
from admin.ledger_import.plan import Asked, Plan, compare, heads_of, read_plan
from bot.web import SERVICE, read_form, read_upload
from knowledge.disclosing import imports
from knowledge.disclosing.lines import Hand
from knowledge.disclosing.words import FIELDS
from knowledge.errors import BadInputError, ConflictError
from knowledge.vocabulary import LedgerKind

UPLOAD_MAX = 8 * 1024 * 1024  # bytes; larger files by the command line, which does not share its memory with citizens
MOST_LINES = 20_000
SHOWN = 100  # faults and doubles named on the page
COLUMN = "m_"  # before a field, in the address, stands which column holds it


async def import_page(request: web.Request) -> web.StreamResponse:
    """Upload a file, and the imports so far."""
    return await _start(request)


async def upload(request: web.Request) -> web.StreamResponse:
    """Take a file in for its trial run; nothing is recorded yet."""
    form, hand = await read_form(request), _hand(request)
    service = request.app[SERVICE]
    try:
        name, content = await read_upload(request, "file")
        if not content:
            raise BadInputError("请先选择文件，再上传。", "file")
        mark = await uploads.keep(service.database, name, content, hand)
        await asyncio.to_thread(heads_of, content)
    except BadInputError as error:
        return await _start(request, form, str(error))
    chosen: dict[str, str] = {"file": mark, "kind": form.get("kind", "")}
    async with service.database.reading() as session:
        columns = (await uploads.mappings(session)).get(form.get("mapping", ""), {})
    return frame.see_other(_address(chosen | {COLUMN + field: head for field, head in columns.items()}))


async def check_page(request: web.Request) -> web.StreamResponse:
    """The trial run of the file uploaded last: counts, faults, doubles, and which column is which."""
    return await _check(request, request.query)


async def carry_out(request: web.Request) -> web.StreamResponse:
    """Import the file, or keep the mapping under a name."""
    form, hand = await read_form(request), _hand(request)
    service = request.app[SERVICE]
    if form.get("action") == "save":
        try:
            await uploads.save_mapping(service.database, form.get("save_as", ""), _asked(form).columns, hand)
        except BadInputError as error:
            return await _check(request, form, str(error))
        return frame.see_other(_address(form, done="mapping"))
    try:
        plan, name = await _plan(request, form)
        refusal = _refusal(plan, form.get("doubles", ""))
        if refusal:
            return await _check(request, form, refusal)
        lines = plan.chosen(keep_doubles=form.get("doubles") == "keep")
        await imports.carry_out(service.database, imports.Source(name, plan.source.sha256), lines, hand)
    except (BadInputError, ConflictError) as error:
        return await _check(request, form, str(error))
    await uploads.drop(service.database, hand.by)
    return frame.see_other("/ledger/import?done=imported")


async def undo(request: web.Request) -> web.StreamResponse:
    """Withdraw every line of an import that still counts, by counter-entries."""
    form, number = await read_form(request), int(request.match_info["id"])
    try:
        await imports.undo(request.app[SERVICE].database, number, _hand(request), form.get("reason", ""))
    except (BadInputError, ConflictError) as error:
        return await _start(request, form, str(error), number)
    return frame.see_other("/ledger/import?done=undone")


async def _start(
    request: web.Request, form: Mapping[str, str] | None = None, error: str = "", number: int | None = None
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        found, names = await imports.listed(session), await queue.names(session)
        mappings = await uploads.mappings(session)
    return frame.render(
        request,
        "ledger_import.html",
        422 if error else 200,
        imports=found,
        names=names,
        mappings=mappings,
        kinds=LedgerKind,
        form=form or {},
        error=error,
        number=number,
        limits={"mb": UPLOAD_MAX // 1024 // 1024, "lines": MOST_LINES},
    )


async def _check(request: web.Request, given: Mapping[str, str], error: str = "") -> web.Response:
    plan: Plan | None = None
    heads: tuple[str, ...] = ()
    file_name = ""
    try:
        plan, file_name = await _plan(request, given)
        heads = plan.columns.heads
    except BadInputError as refused:
        error = error or str(refused)
        heads, file_name = await _heads(request, given)
    asked = _asked(given)
    columns = {field: plan.columns.head(field) if plan else asked.columns.get(field, "") for field in FIELDS}
    return frame.render(
        request,
        "ledger_plan.html",
        422 if error else 200,
        plan=plan,
        file_name=file_name,
        heads=[head for head in dict.fromkeys(heads) if head],
        columns=columns,
        fields=FIELDS,
        prefix=COLUMN,
        mark=given.get("file", ""),
        kind=asked.kind,
        kinds=LedgerKind,
        error=error,
        doubles=given.get("doubles", ""),
        save_as=given.get("save_as", ""),
        shown=SHOWN,
    )


async def _plan(request: web.Request, given: Mapping[str, str]) -> tuple[Plan, str]:
    """The trial run, beside the service's own work; then what the ledger says to it."""
    service, hand = request.app[SERVICE], _hand(request)
    kept = await uploads.waiting(service.database, hand.by, given.get("file", ""))
    plan = await asyncio.to_thread(read_plan, kept.content, kept.name, _asked(given), hand, imports.no_progress)
    if len(plan.lines) > MOST_LINES:
        raise BadInputError(f"网页上一次最多导入 {MOST_LINES} 行。请分成几个文件，或者请管理员用命令行导入。", "file")
    async with service.database.reader.connect() as connection:
        await compare(connection, plan)
    return plan, kept.name


async def _heads(request: web.Request, given: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    kept = await uploads.waiting(request.app[SERVICE].database, _hand(request).by, given.get("file", ""))
    try:
        return await asyncio.to_thread(heads_of, kept.content), kept.name
    except BadInputError:
        return (), kept.name


def _refusal(plan: Plan, doubles: str) -> str:
    if plan.earlier is not None:
        return f"这个文件已经导入过（第 {plan.earlier} 次导入）。要重新导入，请先撤销那一次。"
    if plan.fault_count:
        return f"文件里有 {plan.fault_count} 处错误，全部没有登记。请改好文件再上传。"
    if plan.doubles and doubles not in ("skip", "keep"):
        return "请选择重复的行怎么办，再导入。"
    return ""


def _asked(given: Mapping[str, str]) -> Asked:
    columns = {field: given[COLUMN + field] for field in FIELDS if COLUMN + field in given}
    kind = given.get("kind", "")
    return Asked(columns, kind if kind in set(LedgerKind) else "")


def _address(given: Mapping[str, str], **more: str) -> str:
    kept = {name: given[name] for name in ("file", "kind", *(COLUMN + field for field in FIELDS)) if name in given}
    return f"/ledger/import/check?{urlencode(kept | more)}"


def _hand(request: web.Request) -> Hand:
    return Hand(person_of(request).username, request.app[SERVICE].now())
