"""The pages of disclosure cases 依申请公开: the register, one case, a new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from admin import case_forms, queue
from admin import pages_frame as frame
from admin.pages_case_papers import NOTICES, number_of
from admin.permissions import Permission
from bot import applying, codes
from bot.web import SERVICE
from knowledge import clock
from knowledge.cases import deadlines, reading, rules
from knowledge.cases.course import Course, possible
from knowledge.cases.deadlines import Nearness
from knowledge.cases.reading import Case, CaseDetail
from knowledge.cases.words import (
    RULES,
    ApplicantKind,
    CaseState,
    DisputeKind,
    DisputeResult,
    Outcome,
    Step,
    Way,
    in_words,
)
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import ApplicationEvent, ApplicationPerson

PAGE_SIZE = 50
VIEWS = {"": "待办", "near": "快到期", "overdue": "已超期", "unconfirmed": "待确认收到", "all": "全部"}


@dataclass(frozen=True)
class Typed:
    """What was just sent and could not be taken: it stands in its form again. `error` belongs to the field named."""

    form: Mapping[str, str]
    error: str
    field: str


@dataclass(frozen=True)
class Filter:
    """Which cases the register shows."""

    view: str = ""
    year: int | None = None
    kind: ApplicantKind | None = None
    words: str = ""

    def link(self, **changes: object) -> str:
        """The register's address with this filter, or with one thing changed."""
        given = {"view": self.view, "year": self.year, "kind": self.kind, "words": self.words} | changes
        kept = {name: str(value) for name, value in given.items() if value}
        return f"/cases?{urlencode(kept)}" if kept else "/cases"


async def register(request: web.Request) -> web.StreamResponse:
    """The register, those to be answered first at the top."""
    service, wanted = request.app[SERVICE], _filter(request)
    today = clock.office_day(service.now())
    async with service.database.reading() as session:
        everything = await reading.all_cases(session, only_open=wanted.view != "all")
    found = reading.chosen(everything, year=wanted.year, kind=wanted.kind, words=wanted.words)
    shown = [case for case in found if _in_view(case, wanted.view, today)]
    if wanted.view != "all":
        shown.sort(key=lambda case: (case.due, case.id))
    return frame.render(
        request,
        "cases.html",
        rows=_page(shown, frame.page_number(request)),
        counts=reading.counts(everything, today),
        filter=wanted,
        views=VIEWS,
        kinds=ApplicantKind,
        years=range(today.year, today.year - 6, -1),
        today=today,
        near=Nearness,
    )


async def new_page(request: web.Request) -> web.StreamResponse:
    """An empty form to register an application that came on paper."""
    return show_new(request, {})


def show_new(request: web.Request, form: Mapping[str, str], error: BadInputError | None = None) -> web.Response:
    """The form to register an application, with what was typed."""
    return frame.render(
        request,
        "case_new.html",
        422 if error else 200,
        form=form,
        error=str(error) if error else "",
        field=(error.field or "") if error else "",
        kinds=ApplicantKind,
        ways=Way,
        forms=applying.FORMS,
        today=clock.office_day(request.app[SERVICE].now()),
    )


async def case_page(request: web.Request) -> web.StreamResponse:
    """One case."""
    return await show(request)


async def show(
    request: web.Request, typed: Typed | None = None, status: int = 200, person: ApplicationPerson | None = None
) -> web.Response:
    """The whole page of a case; what could not be taken stands in its form again."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        detail = await reading.detail(session, number_of(request))
        names = await queue.names(session)
    return frame.render(
        request,
        "case.html",
        status,
        typed=typed,
        revealed=person,
        password=codes.password_for(detail.application.code, service.key) if person else "",
        notices=[step for step in NOTICES if detail.course.last(step)],
        sizes={file.id: f"{-(-file.size // 1024)} KB" for file in detail.files},
        **_shown(request, detail, names),
    )


async def show_conflict(request: web.Request, form: Mapping[str, str], sentence: str) -> web.Response:
    """What others put on record meanwhile beside what was typed, which can be sent again against the case as it is now."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        detail = await reading.detail(session, number_of(request))
        names = await queue.names(session)
    seen = form.get("version", "")
    since = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
    shown = _shown(request, detail, names)
    # Not offered again: what is the last line now is not the line that was to be undone.
    offered = [one for one in shown["forms"] if one.step is not Step.UNDONE]
    mine = next((one for one in offered if one.step.value == form.get("step")), None)
    return frame.render(
        request,
        "case_conflict.html",
        409,
        sentence=sentence,
        typed=Typed(form, "", ""),
        mine=mine,
        labels=case_forms.labels_of(form),
        newer=[line for line in shown["story"] if line[0].seq > since],
        **shown,
    )


def takes_a_reviewer(step: Step, course: Course) -> bool:
    """Whether a step needs a second pair of eyes; changing a receipt on record is a correction like any other."""
    return step in case_forms.DECIDING or (step is Step.RECEIVED and course.received is not None)


def _shown(request: web.Request, detail: CaseDetail, names: dict[str, str]) -> dict[str, Any]:
    today = clock.office_day(request.app[SERVICE].now())
    may_decide = frame.may(request, Permission.DECIDE)
    steps = [step for step in possible(detail.course) if may_decide or not takes_a_reviewer(step, detail.course)]
    if not frame.may(request, Permission.CASES):
        steps = []
    return {
        "detail": detail,
        "course": detail.course,
        "case": detail.application,
        "names": names,
        "today": today,
        "near": Nearness,
        "periods": [one for one in deadlines.periods(detail.course) if not one.lapsed(today)],
        "late": [*deadlines.lateness(detail.course), *rules.remarks(detail.course)],
        "forms": [case_forms.form_for(step, detail.course) for step in steps],
        "may_decide": may_decide,
        "steps": Step,
        "groups": _groups(),
        "rules": RULES,
        "story": [(row, Step(row.step), told(row)) for row in detail.rows],
    }


def told(row: ApplicationEvent) -> str:
    """An event's choice and numbers, in words."""
    parts = [_choice(row)]
    if row.way:
        parts.append(Way(row.way).label)
    if row.until:
        parts.append(f"期限到{clock.in_words(row.until)}")
    if row.days:
        parts.append(f"延长{row.days}个工作日，{row.approved_by}同意")
    if row.amount is not None:
        parts.append(f"{row.amount} 元")
    if row.about and row.step == Step.UNDONE:
        parts.append(f"撤销第 {row.about} 条")
    return "，".join(part for part in parts if part)


def _choice(row: ApplicationEvent) -> str:
    if not row.choice:
        return ""
    if row.step == Step.ANSWERED:
        return in_words(Outcome(row.choice))
    words = {Step.DISPUTE_OPENED: DisputeKind, Step.DISPUTE_CLOSED: DisputeResult}
    return words.get(Step(row.step), ApplicantKind)(row.choice).label


def _groups() -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome, rule in RULES.items():
        found.setdefault(rule.group, []).append(outcome)
    return found


def _in_view(case: Case, view: str, today: date) -> bool:
    if view == "unconfirmed":
        return case.course.state is CaseState.UNCONFIRMED
    return view in ("", "all") or case.nearness(today) == view


def _filter(request: web.Request) -> Filter:
    asked = request.query
    view, kind, year = asked.get("view", ""), asked.get("kind", ""), asked.get("year", "")
    if view not in VIEWS:
        raise NotFoundError("没有这样的列表。")
    return Filter(
        view,
        int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        ApplicantKind(kind) if kind in tuple(ApplicantKind) else None,
        " ".join(asked.get("words", "").split())[:60],
    )


def _page(cases: list[Case], number: int) -> queue.Page:
    last = max(1, -(-len(cases) // PAGE_SIZE))
    number = min(max(number, 1), last)
    return queue.Page(cases[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, PAGE_SIZE, len(cases))
