"""Whether a step may be put on record as it was typed: its fields, its day, its place in the course. Pure functions."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from knowledge import clock
from knowledge.cases.course import Course, Event, open_disputes, possible
from knowledge.cases.deadlines import EXTENSION_MAX, answer_due, fee_due
from knowledge.cases.words import ApplicantKind, DisputeKind, DisputeResult, Outcome, Step, Way
from knowledge.errors import BadInputError, ConflictError

IN_FORCE = date(2008, 5, 1)
CORRECTION_LONGEST = timedelta(days=366)
REVIEW_FIRST = date(2024, 1, 1)  # 行政复议法（2023年修订）施行
TEXT_MAX, NAME_MAX = 10_000, 100
CHOICES: Mapping[Step, tuple[type[StrEnum], str]] = {
    Step.SUBMITTED: (ApplicantKind, "申请人类别"),
    Step.RECEIVED: (ApplicantKind, "申请人类别"),
    Step.ANSWERED: (Outcome, "办理结果"),
    Step.DISPUTE_OPENED: (DisputeKind, "复议或诉讼"),
    Step.DISPUTE_CLOSED: (DisputeResult, "结果"),
}
# What must be written down beside the day, and how it is called.
TEXTS = {
    Step.CORRECTION_ASKED: "需要补正的事项",
    Step.OPINION_ASKED: "向谁征求意见",
    Step.EXTENDED: "延期理由",
    Step.UNDONE: "更正原因",
}


def check(course: Course, event: Event, today: date) -> None:
    """Raise BadInputError (with the field) or ConflictError where the step cannot be taken as it stands."""
    if event.step not in possible(course):
        raise ConflictError(
            f"这件申请现在是“{course.state.label}”，不能登记“{event.step.label}”。请看一看最新的办理经过。"
        )
    check_fields(event)
    _check_day(course, event, today)
    more = _MORE.get(event.step)
    if more:
        more(course, event)


def remarks(course: Course) -> list[str]:
    """What is on record and hardly right; a court may have seen it otherwise, so nothing is refused."""
    denied = course.outcome is not None and course.outcome.startswith("deny_")
    direct = any(one.kind is DisputeKind.DIRECT and one.opened.day >= REVIEW_FIRST for one in course.disputes)
    if denied and direct:
        return ["对不予公开决定登记了“未经复议直接起诉”：2024年起应当先申请行政复议（行政复议法第二十三条），请核对。"]
    return []


def check_fields(event: Event) -> None:
    """What can be told from the typed fields alone."""
    if event.step in CHOICES:
        words, label = CHOICES[event.step]
        if event.choice not in tuple(words):
            raise BadInputError(f"请选择{label}。", "choice")
    if event.step in (Step.RECEIVED, Step.SUBMITTED) and event.way not in tuple(Way):
        raise BadInputError("请选择申请是怎样收到的。", "way")
    if event.step in TEXTS and not event.text:
        raise BadInputError(f"请写明{TEXTS[event.step]}。", "text")
    if len(event.text) > TEXT_MAX:
        raise BadInputError(f"文字太长，最多 {TEXT_MAX} 个字。", "text")


def _check_day(course: Course, event: Event, today: date) -> None:
    if event.day > today:
        raise BadInputError("日期还没有到，请填实际发生的日期。", "day")
    if event.day < IN_FORCE:
        raise BadInputError("《政府信息公开条例》2008年5月1日起施行，日期看起来填错了。", "day")
    if event.step is Step.UNDONE:
        return
    others = [one for one in course.events if one.step not in (Step.RECEIVED, Step.SUBMITTED)]
    if event.step is Step.RECEIVED:
        sent = course.last(Step.SUBMITTED)
        if sent and event.day < sent.day:
            raise BadInputError(f"收到日期不能早于网上提交的日期（{clock.in_words(sent.day)}）。", "day")
        early = min((one.day for one in others), default=today)
        if event.day > early:
            raise BadInputError(f"收到日期不能晚于后面已登记的办理日期（{clock.in_words(early)}）。", "day")
        return
    if course.received and event.day < course.received.day:
        raise BadInputError(f"日期不能早于收到申请的日期（{clock.in_words(course.received.day)}）。", "day")


def _not_before(event: Event, earlier: Event | None) -> None:
    if earlier and event.day < earlier.day:
        raise BadInputError(f"日期不能早于“{earlier.step.label}”的日期（{clock.in_words(earlier.day)}）。", "day")


def _received_again(course: Course, event: Event) -> None:
    if course.received and not event.text:
        raise BadInputError("收到的情况已经登记过，重新登记请写明原因。", "text")


def _correction_asked(course: Course, event: Event) -> None:
    if event.until is None or event.until <= event.day:
        raise BadInputError("请填补正期限，要晚于通知的日期。", "until")
    if event.until - event.day > CORRECTION_LONGEST:
        raise BadInputError("补正期限超过一年，看起来填错了；应当是合理的期限，例如15个工作日。", "until")


def _extended(course: Course, event: Event) -> None:
    if not 1 <= event.days <= EXTENSION_MAX:
        raise BadInputError(f"延长的期限是 1 到 {EXTENSION_MAX} 个工作日（条例第三十三条）。", "days")
    if not event.approved_by or len(event.approved_by) > NAME_MAX:
        raise BadInputError(f"请填同意延期的政府信息公开工作机构负责人姓名，最多 {NAME_MAX} 个字。", "approved_by")
    due = answer_due(course)
    if due and event.day > due.day:
        raise BadInputError(
            f"答复期限（{clock.in_words(due.day)}）届满以后不能再延期；延期实际更早的，请填实际日期。", "day"
        )


def _fee_asked(course: Course, event: Event) -> None:
    if event.amount is None or event.amount <= 0:
        raise BadInputError("请填收费金额，大于 0 元；不收费的不用登记。", "amount")


def _answered(course: Course, event: Event) -> None:
    late = max(course.events, key=lambda one: one.day, default=None)
    _not_before(event, late if late and late.step not in (Step.DISPUTE_OPENED, Step.DISPUTE_CLOSED) else None)
    condition = _CONDITIONS.get(Outcome(event.choice))
    if condition:
        condition(course, event)


def _no_correction(course: Course, event: Event) -> None:
    asked = course.last(Step.CORRECTION_ASKED)
    if asked is None or not course.waits_for_correction:
        raise BadInputError("没有尚未补正的补正通知，不能按“逾期不补正”办结。", "choice")
    if asked.until and event.day <= asked.until:
        raise BadInputError(f"补正期限到 {clock.in_words(asked.until)} 为止，过后才能按“逾期不补正”办结。", "day")


def _unclear(course: Course, event: Event) -> None:
    if course.last(Step.CORRECTION_RECEIVED) is None:
        raise BadInputError("还没有收到补正，不能按“补正后申请内容仍不明确”答复。", "choice")


def _no_fee(course: Course, event: Event) -> None:
    asked = course.last(Step.FEE_ASKED)
    if asked is None or not course.waits_for_fee:
        raise BadInputError("没有尚未缴费的收费通知，不能按“逾期未缴费”办结。", "choice")
    last = fee_due(asked.day).day
    if event.day <= last:
        raise BadInputError(f"缴费期限到 {clock.in_words(last)} 为止，过后才能按“逾期未缴费”办结。", "day")


def _dispute_opened(course: Course, event: Event) -> None:
    reviewed = any(one.kind is DisputeKind.REVIEW and one.closed for one in course.disputes)
    if event.choice == DisputeKind.AFTER_REVIEW and not reviewed:
        raise BadInputError("没有已审结的行政复议，请先登记复议结果，或者选“未经复议直接起诉”。", "choice")


def _dispute_closed(course: Course, event: Event) -> None:
    about = next((one for one in open_disputes(course) if one.opened.seq == event.about), None)
    if about is None:
        raise BadInputError("请选择是哪一件复议或诉讼审结了。", "about")
    _not_before(event, about.opened)


def _undone(course: Course, event: Event) -> None:
    if event.about != course.events[-1].seq:
        raise ConflictError("只能更正最近一条登记，办理经过刚刚有变化，请重新看一看。")


_CONDITIONS: dict[Outcome, Callable[[Course, Event], None]] = {
    Outcome.OTHER_NO_CORRECTION: _no_correction,
    Outcome.CANNOT_UNCLEAR: _unclear,
    Outcome.OTHER_NO_FEE: _no_fee,
}
_MORE: dict[Step, Callable[[Course, Event], None]] = {
    Step.RECEIVED: _received_again,
    Step.CORRECTION_ASKED: _correction_asked,
    Step.CORRECTION_RECEIVED: lambda course, event: _not_before(event, course.last(Step.CORRECTION_ASKED)),
    Step.OPINION_RECEIVED: lambda course, event: _not_before(event, course.last(Step.OPINION_ASKED)),
    Step.EXTENDED: _extended,
    Step.FEE_ASKED: _fee_asked,
    Step.FEE_PAID: lambda course, event: _not_before(event, course.last(Step.FEE_ASKED)),
    Step.ANSWERED: _answered,
    Step.DELIVERED: lambda course, event: _not_before(event, course.answered),
    Step.DISPUTE_OPENED: _dispute_opened,
    Step.DISPUTE_CLOSED: _dispute_closed,
    Step.UNDONE: _undone,
}
