"""依申请公开 for the public: the application form, its confirmation, the way back by code and password, attachments."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping

from aiohttp import web

from bot import applying, codes, wording
from bot.channels import board, counting
from bot.message import clean
from bot.web import SERVICE, page, read_files, read_form
from knowledge import clock
from knowledge.cases import files, life, reading
from knowledge.cases.course import Event
from knowledge.cases.deadlines import ANSWER_DAYS, answer_due, fee_due
from knowledge.cases.life import Actor
from knowledge.cases.reading import CaseDetail
from knowledge.cases.words import RULES, ApplicantKind, CaseState, Outcome, Step, Way, in_words
from knowledge.errors import BadInputError, NotFoundError
from knowledge.masking import mask

CITIZEN = "citizen"
NOT_FOR_THE_APPLICANT = (Step.DISPUTE_OPENED, Step.DISPUTE_CLOSED)


async def form_page(request: web.Request) -> web.Response:
    """The application form, or the announced channels where the office takes none online."""
    if not request.app[SERVICE].settings.applications_online:
        return page(request.app[board.TEMPLATES], "application_channels.html", channels=_channels(request))
    return _form(request, {})


async def apply(request: web.Request) -> web.Response:
    """Take an application; a refused one comes back with everything typed."""
    service = request.app[SERVICE]
    if not service.settings.applications_online:
        raise NotFoundError("本单位没有开通网上提交，请按公布的渠道提出申请。")
    form = await read_form(request)
    try:
        limits = applying.Limits(service.settings.max_question_chars, complete=True)
        applied, kind = applying.applied(form, limits), applying.applicant_kind(form)
        token = clean(form.get("token", ""), "token", "表单")[:64]
    except BadInputError as error:
        return _form(request, form, error)
    counting.count_application(
        request
    )  # what was refused above is mended and sent again, and must not use up the client's turns
    at = service.now()
    first = Event(1, Step.SUBMITTED, clock.office_day(at), kind, Way.ONLINE.value)
    mark = hashlib.sha256("\x00".join((token, *(form.get(name, "") for name in applying.FIELDS))).encode()).hexdigest()
    code = await life.open_case(
        service.database,
        applied,
        first,
        Actor(CITIZEN, at),
        code=codes.new_code(),
        external_id=mark if token else None,
    )
    async with service.database.reading() as session:
        detail = await reading.by_code(session, code)
    password = codes.password_for(code, service.key)
    shown = {"code": code, "spoken": codes.spoken(code), "password": password}
    due = answer_due(detail.course) if detail else None
    return page(request.app[board.TEMPLATES], "application_receipt.html", due=due, **shown)


async def lookup_form(request: web.Request) -> web.Response:
    """Where code and password are typed in."""
    return page(request.app[board.TEMPLATES], "application_lookup.html", code="", error="")


async def lookup(request: web.Request) -> web.Response:
    """The applicant's own case with its timeline."""
    form = await read_form(request)
    code, password = form.get("code", "")[:60], form.get("password", "")[:60]
    try:
        return _status(request, await _follow(request, code, password), password)
    except NotFoundError as error:
        return page(request.app[board.TEMPLATES], "application_lookup.html", 404, code=code, error=str(error))


async def upload(request: web.Request) -> web.Response:
    """Keep the applicant's attachments, such as a proof of identity."""
    form = await read_form(request)
    password, service = form.get("password", "")[:60], request.app[SERVICE]
    detail = await _follow(request, form.get("code", "")[:60], password)
    try:
        sent = files.checked(await read_files(request, "files"))
        if not sent:
            raise BadInputError("请先选择文件，再上传。", "files")
        counting.count_application(request)
        actor = Actor(CITIZEN, service.now())
        await life.attach(service.database, detail.application.id or 0, sent, actor, most=files.FILES_MAX)
    except BadInputError as error:
        return _status(request, detail, password, error=str(error))
    return _status(request, await _follow(request, detail.application.code, password), password, done="附件已收到。")


async def _follow(request: web.Request, code: str, password: str) -> CaseDetail:
    """The case of this code and password; wrong ones are counted, and both get the same answer."""
    service, digits = request.app[SERVICE], codes.read_digits(code)

    async def find() -> CaseDetail:
        right = codes.password_ok(digits, password, service.key)
        async with service.database.reading() as session:  # PostgreSQL chokes on odd bytes
            detail = await reading.by_code(session, digits if digits.isascii() and digits.isdigit() else "")
        if detail is None or not right:
            raise NotFoundError(wording.APPLICATION_WRONG)
        return detail

    return await counting.by_code(request, code, find)


def _form(request: web.Request, form: Mapping[str, str], error: BadInputError | None = None) -> web.Response:
    return page(
        request.app[board.TEMPLATES],
        "application_new.html",
        422 if error else 200,
        form={name: form.get(name, "") for name in applying.FIELDS},
        error=str(error) if error else "",
        field=(error.field or "") if error else "",
        token=form.get("token") or secrets.token_hex(16),
        kinds=ApplicantKind,
        forms=applying.FORMS,
        channels=_channels(request),
    )


def _status(
    request: web.Request, detail: CaseDetail, password: str, *, error: str = "", done: str = ""
) -> web.Response:
    course, today = detail.course, clock.office_day(request.app[SERVICE].now())
    confirmed = course.received is not None
    due = answer_due(course) if confirmed else clock.add_working_days(today, ANSWER_DAYS)
    return page(
        request.app[board.TEMPLATES],
        "application_status.html",
        422 if error else 200,
        application=detail.application,
        spoken=codes.spoken(detail.application.code),
        password=codes.read_digits(password),
        state=course.state,
        due=None if course.answered or course.state is CaseState.VOID else due,
        confirmed=confirmed,
        timeline=list(_timeline(detail)),
        withdrawn=mask(detail.rows[-1].text, office=True) if course.state is CaseState.VOID else "",
        attached=len(detail.files),
        error=error,
        done=done,
    )


def _timeline(detail: CaseDetail) -> Iterator[tuple[Event, str]]:
    for event in detail.course.events:
        if event.step not in NOT_FOR_THE_APPLICANT:
            yield event, _told(event)


def _told(event: Event) -> str:
    """What the applicant reads of a step: the office's notes are its own, except what is asked of the applicant."""
    if event.step is Step.CORRECTION_ASKED and event.until:
        return f"请在{clock.in_words(event.until)}以前（含当日）补正：\n{mask(event.text, office=True)}"
    if event.step is Step.EXTENDED:
        return f"答复期限延长{event.days}个工作日（条例第三十三条）。"
    if event.step is Step.FEE_ASKED:
        return f"信息处理费 {event.amount} 元，请在{clock.in_words(fee_due(event.day).day)}以前（含当日）缴纳。"
    if event.step is Step.ANSWERED:
        outcome = Outcome(event.choice)
        basis = RULES[
            outcome
        ].basis  # where no article is named, the basis is a row of the form: nothing for the public
        return in_words(outcome) + (f"（{basis}）" if basis.startswith("条例") else "")
    return ""


def _channels(request: web.Request) -> list[str]:
    return [line.strip() for line in request.app[SERVICE].settings.applications_channels.splitlines() if line.strip()]
