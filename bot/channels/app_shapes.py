"""The shapes of the app channel: those of API v1 and the app's own number of each message."""

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.schemas import QuestionIn, QuestionOut, ReceiptOut

ID = r"^[!-~]{1,128}$"
USER = r"^[!-~]{1,128}$"
CODE = "留言编号，12 位数字。"
BY_APP = "应用自己的消息号，1 到 128 个可见的英文字符；同一个号重复发送只算一条，得到同样的答复。"


class AppQuestionIn(QuestionIn):
    """A question of one of the app's users."""

    id: str = Field(pattern=ID, description=BY_APP)
    user: str | None = Field(
        default=None, pattern=USER, description="用户的代号（不要用手机号等个人信息），只用来限制过快的提问，不保存。"
    )
    after: str | None = Field(default=None, description="接着哪一条问：同一应用、半小时内那条留言的编号。")


class AppChoiceIn(BaseModel):
    """The user's pick."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description=CODE)
    choice: int | None = Field(ge=1, le=3, description="选项的序号；null 表示都不是，请人工答复。")


class AppStateIn(BaseModel):
    """Which question the app asks after."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description=CODE)


class AppReceiptOut(ReceiptOut):
    """What the app gets back for a question, the same bytes for each retry."""

    id: str


class AppQuestionOut(QuestionOut):
    """A question as the app sees it, on asking and in callbacks."""

    id: str


class LedgerLineIn(BaseModel):
    """One thing made public."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=ID, description="应用自己给这一条的号；同一个号重复发送只登记一行，得到同样的行号。")
    kind: str = Field(description="台账的类型，如 document、site、wechat_post，或中文名称。")
    day: str = Field(description="公开的日期，如 2026-08-12；不能晚于今天。")
    title: str = Field(description="标题，最多 300 个字。")
    channel: str = Field(default="", description="栏目，最多 60 个字，可不填。")
    address: str = Field(default="", description="完整的链接，可不填。")
    quantity: int = Field(default=1, description="数量，默认 1。")
    source: str = Field(default="", description="来源，可不填。")
    basis: str = Field(default="", description="登记依据，可不填。")


class LedgerLinesIn(BaseModel):
    """Lines for the ledger, all or nothing."""

    model_config = ConfigDict(extra="forbid")

    lines: list[LedgerLineIn] = Field(min_length=1, max_length=1000, description="1 到 1000 条。")


class LedgerRecordedOut(BaseModel):
    """Where a line stands."""

    id: str
    seq: int = Field(description="台账的行号。")


class LedgerLinesOut(BaseModel):
    """The numbers of all lines, in the order sent; the same for each retry."""

    lines: list[LedgerRecordedOut]
