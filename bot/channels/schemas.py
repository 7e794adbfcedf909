"""The shapes of API v1; the OpenAPI document is made from them, so that neither can lie about the other."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot import wording
from bot.following import Followed, can_read, public_reply
from bot.receiving import Receipt
from knowledge.tables import Question
from knowledge.vocabulary import Kind, Outcome, QuestionState, Reason, ReplyBy


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class QuestionIn(_Shape):
    """A question as sent."""

    text: str = Field(description="留言内容，必填。")
    kind: str = Field(default="", description="类别：咨询、求助、投诉、举报、建议、表扬；不填为咨询。")
    name: str = Field(default="", description="姓名，可不填。")
    phone: str = Field(default="", description="电话，可不填。")
    public: bool = Field(default=False, description="是否同意隐去个人信息后公开。")


class ChoiceIn(_Shape):
    """The citizen's pick: the number of a choice, or null for none of them."""

    password: str = Field(description="六位查询密码。")
    choice: int | None = Field(ge=1, le=3, description="选项的序号；null 表示都不是，请人工答复。")


class BasisOut(_Shape):
    """One line of legal basis, as it stood when the reply was sent."""

    title: str
    number: str
    article: str
    quote: str
    issuer: str
    source: str
    valid_from: date | None = None
    valid_until: date | None = None


class ChoiceOut(_Shape):
    """One question the engine thinks was meant."""

    choice: int
    label: str
    question: str


class ReadingOut(_Shape):
    """The approved text for one of several questions; a person answers the message as a whole."""

    question: str
    reply: str
    basis: list[BasisOut]


class ReceiptOut(_Shape):
    """What the sender gets back. The password is shown here and nowhere else."""

    code: str = Field(pattern=r"^\d{12}$")
    password: str = Field(pattern=r"^\d{6}$")
    outcome: Outcome
    reason: Reason
    reason_label: str
    reply: str | None = None
    basis: list[BasisOut] | None = None
    answered_by: str | None = None
    choices: list[ChoiceOut] | None = None
    due: date | None = None
    due_provisional: bool | None = None
    promise: str | None = Field(default=None, description="转人工时告诉留言人的话：缘由、可先找谁、最晚何时答复。")


class QuestionOut(_Shape):
    """A question as its own sender sees it."""

    code: str
    received: datetime
    kind: Kind
    text: str
    state: QuestionState
    state_label: str
    outcome: Outcome
    reason: Reason
    due: date
    due_provisional: bool
    reply: str | None = None
    basis: list[BasisOut] | None = None
    answered_by: str | None = None
    answered: datetime | None = None
    choices: list[ChoiceOut] | None = None
    read: ReadingOut | None = None
    closing_note: str | None = None
    promise: str | None = Field(default=None, description="待答复时告诉留言人的话。")


class PublishedOut(_Shape):
    """A question on the board, personal data masked."""

    id: int
    kind: Kind
    text: str
    received: datetime
    answered: datetime
    answered_by: str
    reply: str
    basis: list[BasisOut]


class BoardOut(_Shape):
    """A page of the board."""

    total: int
    page: int
    pages: int
    questions: list[PublishedOut]


class Problem(_Shape):
    """What went wrong (RFC 9457); `detail` is a Chinese sentence that says what to do."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


def receipt_out(receipt: Receipt, promise: str) -> ReceiptOut:
    """A receipt as JSON; `promise` is told where a person will answer."""
    answered = receipt.outcome is Outcome.ANSWERED
    return ReceiptOut(
        code=receipt.code,
        password=receipt.password,
        outcome=receipt.outcome,
        reason=Reason(receipt.reason),
        reason_label=Reason(receipt.reason).label,
        reply=receipt.reply or None,
        basis=_basis(receipt.basis) if answered else None,
        answered_by=wording.AUTOMATIC if answered else None,
        choices=_choices(receipt.choices) if receipt.choices else None,
        due=None if answered else receipt.due,
        due_provisional=None if answered else receipt.due_provisional,
        promise=promise if receipt.outcome is Outcome.HANDED_OVER else None,
    )


def question_out(followed: Followed, promise: str, read: ReadingOut | None = None) -> QuestionOut:
    """A question as JSON for its own sender; `promise` is told while a person's answer is awaited, `read` was just picked."""
    question, reply = followed.question, followed.reply
    state = QuestionState(question.state)
    return QuestionOut(
        code=question.code,
        received=question.received_at,
        kind=Kind(question.kind),
        text=question.text,
        state=state,
        state_label=state.label,
        outcome=Outcome(question.outcome),
        reason=Reason(question.reason),
        due=question.due,
        due_provisional=question.due_provisional,
        reply=reply.text if reply else None,
        basis=_basis(reply.basis) if reply else None,
        answered_by=ReplyBy(reply.by).label if reply else None,
        answered=reply.sent_at if reply else None,
        choices=_choices(question.choices) if state is QuestionState.CLARIFYING or can_read(question) else None,
        read=read,
        closing_note=question.closing_note or None,
        promise=promise if state in (QuestionState.WAITING, QuestionState.DRAFTED) else None,
    )


def published_out(followed: Followed) -> PublishedOut:
    """A question of the board as JSON."""
    question, reply = followed.question, followed.reply
    if reply is None:
        raise ValueError("only answered questions are published")
    return PublishedOut(
        id=_identity(question),
        kind=Kind(question.kind),
        text=question.text,
        received=question.received_at,
        answered=reply.sent_at,
        answered_by=ReplyBy(reply.by).label,
        reply=public_reply(followed),
        basis=_basis(reply.basis),
    )


def _basis(lines: list[dict[str, Any]]) -> list[BasisOut]:
    return [BasisOut.model_validate(line) for line in lines]


def _choices(choices: list[dict[str, str]]) -> list[ChoiceOut]:
    return [
        ChoiceOut(choice=number, label=choice["label"], question=choice.get("question", choice["label"]))
        for number, choice in enumerate(choices, 1)
    ]


def reading_out(question: str, reply: str, basis: list[dict[str, Any]]) -> ReadingOut:
    """A text to read as JSON."""
    return ReadingOut(question=question, reply=reply, basis=_basis(basis))


def _identity(question: Question) -> int:
    if question.id is None:
        raise ValueError("a stored question has a number")
    return question.id
