"""What is reckoned and printed beside a case: the fee calculator, and the notices to print."""

from aiohttp import web

from admin import case_forms
from admin import pages_frame as frame
from bot.web import SERVICE
from knowledge import clock
from knowledge.cases import deadlines, fees, reading
from knowledge.cases.words import Step
from knowledge.errors import BadInputError, NotFoundError

NOTICES = (Step.CORRECTION_ASKED, Step.OPINION_ASKED, Step.EXTENDED, Step.FEE_ASKED)


async def notice_page(request: web.Request) -> web.StreamResponse:
    """The wording of a notice, to be printed; the applicant's name is written in by hand or from the file."""
    service, word = request.app[SERVICE], request.match_info["step"]
    step = Step(word) if word in tuple(Step) else None
    async with service.database.reading() as session:
        detail = await reading.detail(session, number_of(request))
    event = detail.course.last(step) if step in NOTICES and step else None
    if event is None or step is None or detail.course.received is None:
        raise NotFoundError("这件申请没有这种告知书可打印：先登记，再打印。")
    return frame.render(
        request,
        "case_notice.html",
        detail=detail,
        event=event,
        step=step,
        steps=Step,
        received=detail.course.received,
        due=deadlines.answer_due(detail.course),
        pay_by=deadlines.fee_due(event.day).day,
        opinion_by=deadlines.opinion_due(event.day).day,
        settings=service.settings,
        today=clock.office_day(service.now()),
    )


async def fees_page(request: web.Request) -> web.StreamResponse:
    """What 信息处理费 comes to, by item or by page."""
    asked = request.query
    basis, number, error = asked.get("basis", "page"), asked.get("number", ""), ""
    result: int | None = None
    if number:
        try:
            counted = case_forms.number_of({"number": number}, "number", "数量", fees.NUMBER_MAX)
            result = fees.reckoned(fees.FeeBasis(basis if basis in tuple(fees.FeeBasis) else "page"), counted)
        except BadInputError as fault:
            error = str(fault)
    case = asked.get("case", "")
    back = case if case.isascii() and case.isdigit() and len(case) < 16 else ""
    values = {"basis": basis, "number": number[:20], "result": result, "error": error, "back": back}
    return frame.render(request, "case_fees.html", 422 if error else 200, **values)


def number_of(request: web.Request) -> int:
    """The case a path speaks of."""
    return int(request.match_info["id"])
