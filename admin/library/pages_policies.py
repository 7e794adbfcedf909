"""Pages of policies: the list, one policy with its articles and what rests on it, and the proposal of other dates."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlmodel import col, select

from admin import pages_frame as frame
from admin import queue
from admin.auth import person_of
from admin.library import checks, proposals, reading
from admin.library.changeset import policy_text
from admin.library.pages_editing import found
from admin.library.proposals import Made
from admin.library.reading import VALIDITY
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.entries import stored_base
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.format import PolicyText
from knowledge.tables import Policy, PolicyArticle
from knowledge.vocabulary import OwnDocument, ProposalKind

SEARCH_MAX = 200
CHANGED = "您打开页面以后，这份文件已经被改动过。下面是现在的内容，您填的还在表单里，请对照后再提交。"


async def policies_page(request: web.Request) -> web.StreamResponse:
    """Policies by search."""
    text = request.query.get("q", "")[:SEARCH_MAX].strip()
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        rows = await reading.policies(session, text, frame.page_number(request))
    link = "/library/policies?" + urlencode({"q": text}) if text else "/library/policies"
    today = clock.office_day(service.now())
    return frame.render(request, "library_policies.html", rows=rows, text=text, link=link, today=today)


async def policy_page(request: web.Request) -> web.StreamResponse:
    """Everything about one policy."""
    return await show(request)


async def show(request: web.Request, status: int = 200, error: str = "", field: str = "") -> web.Response:
    """The page of a policy; after an error with what was typed."""
    service, key = request.app[SERVICE], request.match_info["key"]
    form = await read_form(request) if error else {}
    today = clock.office_day(service.now())
    async with service.database.reading() as session:
        row = (await session.exec(select(Policy).where(Policy.key == key))).one_or_none()
        if row is None:
            raise NotFoundError("知识库里没有这份文件。")
        articles = select(PolicyArticle).where(PolicyArticle.policy_id == row.id).order_by(col(PolicyArticle.position))
        others = (await session.exec(select(Policy).where(Policy.key != key).order_by(col(Policy.key)))).all()
        values: dict[str, Any] = {
            "own_kinds": OwnDocument,
            "seen": _seen(row.valid_until, row.own),
            "articles": (await session.exec(articles)).all(),
            "entries": await reading.entries_on(session, row.id or 0, today),
            "rests": await reading.resting_on_policy(session, row),
            "proposed": await proposals.about(session, key),
            "names": await queue.names(session),
        }
    return frame.render(
        request, "library_policy.html", status, row=row, others=others, form=form, error=error, field=field, today=today,
        successors=[one for one in others if one.replaces == key], validity=VALIDITY,
        **values,
    )  # fmt: skip


async def dates(request: web.Request) -> web.StreamResponse:
    """Propose another end of a policy, and what takes its place."""
    service, form, key = request.app[SERVICE], await read_form(request), request.match_info["key"]
    try:
        why = proposals.words(form.get("why", ""), "why", "修改的理由")
        async with service.database.reading() as session:
            stored = {row.key: row for row in (await stored_base(session)).policies}
        if key not in stored:
            raise NotFoundError("知识库里没有这份文件。")
        if form.get("seen", "") != _seen(stored[key].valid_until, stored[key].own):
            raise ConflictError(CHANGED)
        after = _changed(stored, key, form)
        change = proposals.of_policies([stored[row.key] for row in after], after)
        findings = await found(service, change)
        if checks.errors(findings):
            raise BadInputError(" ".join(checks.errors(findings)[:3]), "valid_until")
        made = Made(ProposalKind.POLICY, f"修改文件：{stored[key].title}", key, why, checks.warnings(findings), why)
        number = await proposals.make(service.database, change, made, person_of(request).username, service.now())
    except BadInputError as error:
        return await show(request, 422, str(error), error.field or "valid_until")
    except ConflictError as error:
        return await show(request, 409, str(error), "valid_until")
    return frame.see_other(f"/library/proposals/{number}?done=proposed")


def _seen(until: date | None, own: str) -> str:
    return f"{until or ''} {own}".strip()


def _changed(stored: dict[str, PolicyText], key: str, form: dict[str, str]) -> list[PolicyText]:
    """The policies as they shall stand: this one with its last day and whose it is, and its successor pointing back to it."""
    until, successor = form.get("valid_until", "").strip(), form.get("successor", "")
    given = {"valid_until": until or None, "own": form.get("own", stored[key].own)}
    after = [policy_text(stored[key].model_dump(mode="json") | given)]
    if successor:
        if successor not in stored or successor == key:
            raise BadInputError("请从列表里选择替代它的文件。", "successor")
        other = stored[successor]
        if other.replaces not in ("", key):
            raise BadInputError(
                f"{other.title} 已经替代另一份文件（{other.replaces}），不能再替代这一份。", "successor"
            )
        after.append(policy_text(other.model_dump(mode="json") | {"replaces": key}))
    changed = [row for row in after if row != stored[row.key]]
    if not changed:
        raise BadInputError("和现在的内容相同，没有需要审核的改动。", "valid_until")
    return changed
