"""The small forms of a case page: which fields each step asks for, and how what was typed becomes an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from bot.message import clean
from knowledge.cases.course import Course, Event, open_disputes
from knowledge.cases.words import ApplicantKind, DisputeKind, DisputeResult, Step, Way
from knowledge.errors import BadInputError

# Approving an extension, giving the result and correcting the register take a second pair of eyes.
DECIDING = (Step.EXTENDED, Step.ANSWERED, Step.UNDONE)
NUMBER_MAX, AMOUNT_MAX = 9999, Decimal(10**9)


class Control(StrEnum):
    """What a field looks like."""

    DAY = "day"
    NUMBER = "number"
    MONEY = "money"
    LINE = "line"
    TEXT = "text"
    SELECT = "select"
    OUTCOME = "outcome"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Field:
    """One control of a step's form."""

    name: str
    label: str
    control: Control
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class StepForm:
    """The form of one step: button, a word of help, fields."""

    step: Step
    label: str
    help: str
    fields: tuple[Field, ...]

    @property
    def action(self) -> str:
        """Where it is sent."""
        return "decide" if self.step in DECIDING else "record"


def _words(
    words: type[ApplicantKind] | type[Way] | type[DisputeKind] | type[DisputeResult],
) -> tuple[tuple[str, str], ...]:
    return tuple((word.value, word.label) for word in words)


KIND = Field("choice", "申请人类别", Control.SELECT, options=_words(ApplicantKind))
WAY = Field("way", "收到方式", Control.SELECT, options=_words(Way))


def _day(label: str, hint: str = "") -> Field:
    return Field("day", label, Control.DAY, hint)


def _text(label: str, hint: str = "") -> Field:
    return Field("text", label, Control.TEXT, hint)


_FORMS: dict[Step, StepForm] = {
    form.step: form
    for form in (
        StepForm(
            Step.RECEIVED,
            "登记收到",
            "网上提交和传真以双方确认之日为收到之日，平常信函以收到当日确认之日为收到之日，签收邮件以签收之日为收到之日（条例第三十一条）。收到日期、类别或者方式登记错了，也在这里重新登记，以最后一次为准。",
            (_day("收到日期"), KIND, WAY, _text("说明", "可不填；重新登记的请写明原因。")),
        ),
        StepForm(
            Step.CORRECTION_ASKED,
            "发出补正通知",
            "收到申请之日起7个工作日内一次性告知，说明需要补正的事项和合理的补正期限；只能要求一次（条例第三十条）。",
            (
                _day("通知日期"),
                Field("until", "请申请人补正到", Control.DAY, "给出合理的期限，例如15个工作日。"),
                _text("需要补正的事项", "一条一行；会写进补正告知书，申请人查询进度时也能看到。"),
            ),
        ),
        StepForm(
            Step.CORRECTION_RECEIVED,
            "收到补正",
            "答复期限自收到补正的申请之日起重新计算（条例第三十条）。",
            (_day("收到补正的日期"), _text("补正的内容", "可不填。")),
        ),
        StepForm(
            Step.OPINION_ASKED,
            "征求第三方或其他机关意见",
            "征求意见所需时间不计算在答复期限内（条例第三十三条）；对方自收到征求意见书之日起15个工作日内提出意见（第三十二条、第三十四条）。",
            (_day("对方收到征求意见书的日期"), _text("向谁征求意见、问什么")),
        ),
        StepForm(
            Step.OPINION_RECEIVED,
            "收到意见",
            "对方逾期没有提出意见的，由本机关依法决定；这时填期限届满的日期，并写明没有收到意见。",
            (_day("收到意见的日期"), _text("意见摘要", "可不填。")),
        ),
        StepForm(
            Step.EXTENDED,
            "延长答复期限",
            "经政府信息公开工作机构负责人同意并告知申请人，最长不超过20个工作日（条例第三十三条）。",
            (
                _day("同意延期的日期"),
                Field("days", "延长几个工作日", Control.NUMBER, "1 到 20。"),
                Field("approved_by", "同意延期的负责人", Control.LINE),
                _text("延期理由", "会写进延期告知书。"),
            ),
        ),
        StepForm(
            Step.FEE_ASKED,
            "发出收费通知",
            "在办理期限内发出；申请人自收到通知次日起20个工作日内缴纳（条例第四十二条、国办函〔2020〕109号）。金额可以先用下面的计算器算。",
            (
                _day("申请人收到通知的日期"),
                Field("amount", "金额（元）", Control.MONEY),
                _text("计费方式和数量", "例如：按量计收，150页。"),
            ),
        ),
        StepForm(Step.FEE_PAID, "登记缴费", "", (_day("缴费日期"),)),
        StepForm(
            Step.ANSWERED,
            "登记答复（办理结果）",
            "一件申请只计一个结果，按统计格式第三项选择；能区分处理的选“部分公开”。",
            (
                _day("答复日期", "统计年度和是否按期都以这一天为准。"),
                Field("choice", "办理结果", Control.OUTCOME),
                _text("答复文号、说明", "可不填。"),
            ),
        ),
        StepForm(
            Step.DELIVERED,
            "登记送达",
            "当面或委托送达的为签收之日，邮寄的为交邮之日。",
            (_day("送达日期"), _text("送达方式", "可不填。")),
        ),
        StepForm(
            Step.DISPUTE_OPENED,
            "登记行政复议或者行政诉讼",
            "计入年度报告第四部分。对不予公开决定，2024年起应当先申请行政复议，对复议决定不服的再起诉（行政复议法第二十三条）。",
            (
                _day("受理日期"),
                Field("choice", "种类", Control.SELECT, options=_words(DisputeKind)),
                _text("受理机关、案号", "可不填。"),
            ),
        ),
        StepForm(
            Step.DISPUTE_CLOSED,
            "登记复议或诉讼结果",
            "",
            (
                Field("about", "哪一件", Control.SELECT),
                _day("审结日期"),
                Field("choice", "结果", Control.SELECT, options=_words(DisputeResult)),
                _text("说明", "可不填。"),
            ),
        ),
        StepForm(
            Step.UNDONE,
            "更正：撤销最近一条登记",
            "原来的登记留在办理经过里，注明已撤销，不再计入期限和统计；再登记正确的内容。更早的登记有误，从最近的一条起逐条撤销。",
            (Field("about", "", Control.HIDDEN), _text("更正原因")),
        ),
    )
}


def form_for(step: Step, course: Course) -> StepForm:
    """The form of a step as this case needs it."""
    form = _FORMS[step]
    if step is Step.DISPUTE_CLOSED:
        open_ones = tuple(
            (str(one.opened.seq), f"{one.kind.label}（{one.opened.day:%Y-%m-%d} 受理）")
            for one in open_disputes(course)
        )
        first = form.fields[0]
        about = Field(first.name, first.label, first.control, first.hint, open_ones)
        return StepForm(form.step, form.label, form.help, (about, *form.fields[1:]))
    return form


def step_of(form: Mapping[str, str], allowed: tuple[Step, ...]) -> Step:
    """Which step a form speaks of."""
    word = form.get("step", "")
    if word not in tuple(Step) or Step(word) not in allowed:
        raise BadInputError("没有这种登记，请从页面上选择。", "step")
    return Step(word)


def event_of(form: Mapping[str, str], step: Step, today: date) -> Event:
    """The event as typed; the rules of the case are not asked yet. BadInputError names the field."""
    names = {field.name for field in _FORMS[step].fields}
    return Event(
        seq=0,
        step=step,
        day=day_of(form, "day") if "day" in names else today,
        choice=form.get("choice", "") if "choice" in names else "",
        way=form.get("way", "") if "way" in names else "",
        until=day_of(form, "until") if "until" in names else None,
        days=number_of(form, "days", "延长的工作日") if "days" in names else 0,
        about=number_of(form, "about", "所指的登记") if "about" in names else None,
        amount=_amount(form) if "amount" in names else None,
        approved_by=clean(form.get("approved_by", ""), "approved_by", "负责人").replace("\n", " "),
        text=clean(form.get("text", ""), "text", "文字"),
    )


def day_of(form: Mapping[str, str], name: str) -> date:
    """A day as the browser's date control sends it."""
    try:
        return date.fromisoformat(form.get(name, "").strip())
    except ValueError:
        raise BadInputError("请填日期，例如 2026-03-01。", name) from None


def number_of(form: Mapping[str, str], name: str, label: str, most: int = NUMBER_MAX) -> int:
    """A whole number that is not too large."""
    typed = form.get(name, "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 9 and int(typed) <= most):
        raise BadInputError(f"{label}请填 0 到 {most} 的整数。", name)
    return int(typed)


def _amount(form: Mapping[str, str]) -> Decimal:
    try:
        amount = Decimal(form.get("amount", "").strip())
        if amount.is_finite() and 0 <= amount < AMOUNT_MAX and amount == round(amount, 2):
            return amount
    except InvalidOperation:
        pass
    raise BadInputError("请填金额，单位元，最多两位小数。", "amount")


def labels_of(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was typed into the form of a step, field by field, to be read and copied."""
    step = form.get("step", "")
    if step not in tuple(Step) or Step(step) not in _FORMS:
        return [("文字", form["text"])] if form.get("text") else []
    shown = [(field, form.get(field.name, "")) for field in _FORMS[Step(step)].fields if field.label]
    return [(field.label, dict(field.options).get(value, value)) for field, value in shown if value]
