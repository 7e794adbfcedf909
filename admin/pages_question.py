"""The page of one question: what is shown of it, and what the form on it sends back."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import judging, queue, writing
from admin import pages_frame as frame
from admin.text_checks import Finding
from bot import afterwards, attachments, following, review, workflow
from bot.answer.draft import Candidate
from bot.message import clean
from bot.service import Service
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.entries import Basis, KnownEntry
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import Question, QuestionEvent, QuestionOriginal, Staff
from knowledge.vocabulary import Closing, JudgedAs, QuestionState, Reason, Step, Verdict

TICK = "tick-"
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
    because: str = ""
    comment: str = ""
    bypass: str = ""
    reason: str = ""
    closing: str = ""
    agency: str = ""
    ticked: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


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
        because=form.get("because", ""),
        ticked=tuple(name.removeprefix(TICK) for name in form if name.startswith(TICK)),
    )


async def handed_in(request: web.Request, editor: Editor) -> Editor:
    """What is to be sent: while a reply is under review that is the text handed in, else what stands in the editor."""
    async with request.app[SERVICE].database.reading() as session:
        detail = await queue.detail(session, number_of(request))
    if not detail.is_open:
        raise ConflictError("这条留言已经办完，您的操作没有登记。")
    if detail.draft is None or detail.question.step not in (Step.REVIEW, Step.SIGN):
        return editor
    draft = detail.draft
    return replace(editor, text=draft.text, entry=draft.entry_key, public=draft.public)


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
        beside = await _beside(session, detail)
    question = detail.question
    editor = editor or _as_saved(detail)
    suggestions = await _suggestions(service, question, today) if detail.is_open else []
    async with service.database.reading() as session:
        aids = await writing.aids(session, question, [one.candidate.entry.key for one in suggestions])
    return frame.render(
        request,
        "question.html",
        status,
        detail=detail,
        question=question,
        editor=editor,
        original=original,
        verdicts=Verdict,
        today=today,
        confidence=float(question.explanation.get("confidence") or 0),
        considered=_considered(question),
        asked_parts=_asked_parts(question),
        suggestions=suggestions,
        shelves=_shelves(service, suggestions, today) if detail.is_open or detail.reply else {},
        story=story_of(service, detail, beside["names"]),
        board_address=service.board_address(question.id or 0),
        judged_as=JudgedAs,
        aids=aids,
        closings=Closing,
        left=clock.working_days_left(today, question.due),
        warn=service.settings.warn_working_days,
        **beside,
        **_standing(request, detail, editor),
    )


def _as_saved(detail: queue.Detail) -> Editor:
    draft, version = detail.draft, detail.question.version
    return (
        Editor(draft.text, version, draft.entry_key, draft.public) if draft and detail.is_open else Editor("", version)
    )


async def _beside(session: AsyncSession, detail: queue.Detail) -> dict[str, Any]:
    """What others have said and done about the question."""
    number, active = detail.question.id or 0, select(Staff).where(col(Staff.active)).order_by(col(Staff.username))
    returned = detail.question.step == Step.RETURNED
    return {
        "names": await queue.names(session),
        "opinion": await afterwards.opinion_of(session, detail.reply),
        "earlier": await afterwards.earlier_of(session, number),
        "files": await attachments.kept_with(session, number),
        "judgements": await judging.of_question(session, number),
        "comment": await review.last_comment(session, number) if returned else None,
        "change": (await following.last_changes(session, [number])).get(number),
        "people": (await session.exec(active)).all(),
    }


def story_of(service: Service, detail: queue.Detail, names: dict[str, str]) -> list[tuple[QuestionEvent, str, str]]:
    """Each line of the story with who and what in words."""
    return [(event, names.get(event.actor, event.actor), _remark(service, event)) for event in detail.events]


def _standing(request: web.Request, detail: queue.Detail, editor: Editor) -> dict[str, Any]:
    """How many hands the reply needs, why, and what the person who looks may do."""
    settings, question = request.app[SERVICE].settings, detail.question
    told = f"{question.text}\n{editor.text or (detail.draft.text if detail.draft else '')}"
    depth = workflow.depth(settings.review_levels, settings.review_risk_levels)
    person = request[frame.PERSON]
    return {
        "levels": depth.of(question.kind, question.reason, told),
        "tier": workflow.tier_of(question.kind, question.reason, told),
        "under_review": question.step in (Step.REVIEW, Step.SIGN),
        "own": detail.draft is not None and detail.draft.saved_by == person.username,
    }


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
    if event.act:
        return event.note
    if event.note in tuple(Reason):
        return Reason(event.note).label
    if event.state == QuestionState.ANSWERED and event.note in service.current.entries:
        return f"选了“{service.current.entries[event.note].standard}”"
    if event.state == QuestionState.WAITING and event.note in service.current.entries:
        return f"先看了“{service.current.entries[event.note].standard}”，其余的等答复"
    return event.note
