"""The page of one question: what is shown of it, and what the form on it sends back."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web

from admin import judging, queue
from admin import pages_frame as frame
from bot import afterwards, attachments
from bot.answer.draft import Candidate
from bot.message import clean
from bot.service import Service
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.entries import Basis, KnownEntry
from knowledge.errors import BadInputError
from knowledge.tables import Question, QuestionEvent, QuestionOriginal
from knowledge.vocabulary import JudgedAs, QuestionState, Reason, Verdict

SUGGESTIONS_MAX = 5
# What would be shown as 0 % is no help, only something more to read.
SUGGESTED_FROM = 0.005


@dataclass(frozen=True)
class Editor:
    """What stands in the form: as last saved, or as just typed. `error` belongs to the control named by `field`."""

    text: str
    version: int
    entry: str = ""
    public: bool = False
    note: str = ""
    why: str = ""
    replaced: str = ""
    error: str = ""
    field: str = ""


@dataclass(frozen=True)
class Considered:
    """A candidate of the engine as kept with the question; its entry may have changed or gone since."""

    standard: str
    score: float
    question: str
    words: list[str]
    vetoes: list[str]


@dataclass(frozen=True)
class AskedPart:
    """One question of a message that asks several, and what the engine made of it when it came in."""

    asked: str
    outcome: str
    reason: str
    standard: str


@dataclass(frozen=True)
class Suggestion:
    """An entry that may serve, as it stands today."""

    candidate: Candidate
    basis: tuple[Basis, ...]


def number_of(request: web.Request) -> int:
    """The question a path speaks of."""
    return int(request.match_info["id"])


async def read_editor(request: web.Request) -> Editor:
    """The form as sent; nothing of the text is changed yet, so that it can be shown again as it was."""
    form = await read_form(request)
    version = form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise BadInputError("页面上缺少版本号，可能已经过时。请复制下面的文字，重新打开这条留言。", "version")
    return Editor(
        text=form.get("text", ""),
        version=int(version),
        entry=form.get("entry", ""),
        public="public" in form,
        note=form.get("note", ""),
        why=form.get("why", ""),
    )


def cleaned(editor: Editor) -> str:
    """The reply as it will be kept: line ends made one, invisible marks dropped, control characters refused."""
    return clean(editor.text, "text", "答复")


def entry_of(service: Service, key: str) -> KnownEntry | None:
    """The entry a reply rests on, if one was chosen."""
    if key and key not in service.current.entries:
        raise BadInputError("所选的依据条目已经不在知识库里，请换一个或不选。", "entry")
    return service.current.entries.get(key)


async def show(
    request: web.Request,
    editor: Editor | None = None,
    status: int = 200,
    original: QuestionOriginal | None = None,
) -> web.Response:
    """The whole page. Without an editor the form holds what was last saved."""
    service = request.app[SERVICE]
    today = clock.office_day(service.now())
    async with service.database.reading() as session:
        detail = await queue.detail(session, number_of(request))
        names = await queue.names(session)
        opinion = await afterwards.opinion_of(session, detail.reply)
        earlier = await afterwards.earlier_of(session, number_of(request))
        files = await attachments.kept_with(session, number_of(request))
        judgements = await judging.of_question(session, number_of(request))
    question = detail.question
    if editor is None:
        chosen, public = request.query.get("entry", ""), request.query.get("public") == "1"
        editor = Editor(detail.draft.text if detail.draft else "", question.version, chosen, public)
    suggestions = await _suggestions(service, question, today) if detail.is_open else []
    return frame.render(
        request,
        "question.html",
        status,
        detail=detail,
        question=question,
        editor=editor,
        original=original,
        opinion=opinion,
        earlier=earlier,
        files=files,
        verdicts=Verdict,
        today=today,
        confidence=float(question.explanation.get("confidence") or 0),
        considered=_considered(question),
        asked_parts=_asked_parts(question),
        suggestions=suggestions,
        shelves=_shelves(service, suggestions, today) if detail.is_open else {},
        story=[(event, names.get(event.actor, event.actor), _remark(service, event)) for event in detail.events],
        names=names,
        board_address=service.board_address(question.id or 0),
        judged_as=JudgedAs,
        judgements=judgements,
        entries_now=_by_topic(service, today),
    )


async def show_conflict(request: web.Request, mine: Editor, sentence: str) -> web.Response:
    """Both texts side by side, read anew: what was written against the text shown here can be saved."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        detail = await queue.detail(session, number_of(request))
        names = await queue.names(session)
    today = clock.office_day(service.now())
    return frame.render(
        request,
        "conflict.html",
        409,
        sentence=sentence,
        detail=detail,
        question=detail.question,
        mine=mine,
        shelves=_shelves(service, [], today),
        names=names,
    )


async def _suggestions(service: Service, question: Question, today: date) -> list[Suggestion]:
    engine = service.current.engine
    found = await asyncio.to_thread(engine.similar, question.text, today, SUGGESTIONS_MAX)
    near = [candidate for candidate in found if candidate.score >= SUGGESTED_FROM]
    return [Suggestion(candidate, candidate.entry.basis_on(today)) for candidate in near]


def _considered(question: Question) -> list[Considered]:
    kept: list[dict[str, Any]] = question.explanation.get("candidates") or []
    return [
        Considered(
            str(one.get("standard", "")),
            float(one.get("score") or 0),
            str(one.get("question", "")),
            list(one.get("words") or []),
            list(one.get("vetoes") or []),
        )
        for one in kept
    ]


def _asked_parts(question: Question) -> list[AskedPart]:
    kept: list[dict[str, Any]] = question.explanation.get("parts") or []
    return [
        AskedPart(
            str(one.get("asked", "")),
            str(one.get("outcome", "")),
            str(one.get("reason", "")),
            str(one.get("standard", "")),
        )
        for one in kept
    ]


def _by_topic(service: Service, today: date) -> dict[str, list[KnownEntry]]:
    """The entries that might have been the right answer."""
    return _shelves(service, [], today)


def _shelves(service: Service, suggestions: list[Suggestion], today: date) -> dict[str, list[KnownEntry]]:
    """The entries a reply may rest on today: the suggested ones first, then the others by topic."""
    near = {one.candidate.entry.key: one.candidate.entry for one in suggestions}
    shelves: dict[str, list[KnownEntry]] = defaultdict(list)
    if near:
        shelves["与留言相近"] = list(near.values())
    for entry in service.current.entries.values():
        if entry.key not in near and entry.in_force(today):
            shelves[entry.topic].append(entry)
    return dict(shelves)


def _remark(service: Service, event: QuestionEvent) -> str:
    """A note of the history in words: notes of the machine are reason codes, a citizen's pick is an entry."""
    if event.note in tuple(Reason):
        return Reason(event.note).label
    if event.state == QuestionState.ANSWERED and event.note in service.current.entries:
        return f"选了“{service.current.entries[event.note].standard}”"
    if event.state == QuestionState.WAITING and event.note in service.current.entries:
        return f"先看了“{service.current.entries[event.note].standard}”，其余的等答复"
    return event.note
