"""The page of similar questions from real messages: each is taken, through a proposal, or declined."""

from collections.abc import Sequence

from aiohttp import web

from admin import pages_frame as frame
from admin.auth import person_of
from admin.library import similar
from admin.library.changeset import entry_text, present
from admin.library.pages_editing import propose
from admin.library.proposals import Made
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError
from knowledge.tables import Question
from knowledge.vocabulary import MessageUse, ProposalKind


async def similar_page(request: web.Request) -> web.StreamResponse:
    """What may be taken."""
    return await _show(request)


async def decide(request: web.Request) -> web.StreamResponse:
    """Take or decline the marked messages of one entry."""
    form = await read_form(request)
    key = form.get("entry", "")
    try:
        chosen = await _chosen(request, key, form)
        if "take" in form:
            return await _take(request, key, chosen)
        await _note(request, chosen, key, MessageUse.NOT_SIMILAR)
    except BadInputError as error:
        return await _show(request, error)
    return frame.see_other("/library/similar?done=declined")


async def _chosen(request: web.Request, key: str, form: dict[str, str]) -> list[Question]:
    """The marked ones among what is offered now: nothing else can be slipped in."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        found = await similar.offered(session, service.current.entries, service.current.engine.index)
    messages = next((one.messages for one in found if one.entry.key == key), ())
    chosen = [one for one in messages if f"m{one.id}" in form]
    if not chosen:
        raise BadInputError("请先勾选留言；可能别人刚刚已经处理过。")
    return chosen


async def _take(request: web.Request, key: str, chosen: list[Question]) -> web.StreamResponse:
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        entry, revision = await present(session, key)
    texts = [one.text.strip() for one in chosen]
    more = entry_text(entry.model_dump(mode="json") | {"similar": [*entry.similar, *texts]})
    made = Made(
        ProposalKind.ENTRY, f"增加相似问：{entry.standard}", key, f"采用 {len(texts)} 条真实留言为相似问",
        question_id=chosen[0].id,
    )  # fmt: skip
    response = await propose(request, more, made, revision)
    if response.status == 303:
        await _note(request, chosen, key, MessageUse.SIMILAR)
    return response


async def _note(request: web.Request, chosen: Sequence[Question], key: str, use: MessageUse) -> None:
    service = request.app[SERVICE]
    await similar.decide(service.database, chosen, key, use, person_of(request).username, service.now())


async def _show(request: web.Request, error: BadInputError | None = None) -> web.Response:
    service = request.app[SERVICE]
    form = await read_form(request) if error else {}
    async with service.database.reading() as session:
        found = await similar.offered(session, service.current.entries, service.current.engine.index)
    status = 422 if error else 200
    return frame.render(request, "library_similar.html", status, offered=found, form=form, error=str(error or ""))
