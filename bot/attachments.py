"""Pictures and PDFs added to a question that waits for a person: told by their content, kept apart, never shown inline."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import wording
from bot.replies import CITIZEN
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError
from knowledge.file_kinds import kind_of
from knowledge.tables import Attachment, Question, QuestionEvent
from knowledge.vocabulary import OPEN_STATES

BYTES_MAX = 5 * 1024 * 1024
FILES_MAX = 3
KINDS = {"jpg": "图片", "png": "图片", "pdf": "PDF 文件"}
NOT_ALLOWED = "只收 JPG、PNG 图片和 PDF 文件。其他格式请先转成这几种，或者拍照上传。"


@dataclass(frozen=True)
class Kept:
    """An attachment without its content."""

    number: int
    kind: str
    size: int
    at: datetime

    @property
    def in_words(self) -> str:
        """What it is and how large."""
        return described(self.kind, self.size)


def _allowed(body: bytes) -> str:
    """jpg, png or pdf; BadInputError for anything else."""
    if not body:
        raise BadInputError("请先选一个文件，再上传。", "file")
    if len(body) > BYTES_MAX:
        raise BadInputError(f"文件太大：最大 {BYTES_MAX // 1024 // 1024} MB。请压缩后再传，或者分成几个。", "file")
    kind = kind_of(body)
    if kind is None:
        raise BadInputError(NOT_ALLOWED, "file")
    return kind


def described(kind: str, size: int) -> str:
    """A picture or a PDF, with its size in KB."""
    return f"{KINDS[kind]}，{max(1, round(size / 1024))} KB"


async def attach(database: Database, question_id: int, body: bytes, *, at: datetime) -> None:
    """Keep a file with a question; the same file twice is one."""
    kind = _allowed(body)
    row = Attachment(
        question_id=question_id, kind=kind, size=len(body), sha256=sha256(body).hexdigest(), content=body, at=at
    )
    try:
        async with database.writing() as session:
            question = await session.get(Question, question_id)
            if question is None or question.state not in OPEN_STATES:
                raise ConflictError("这条留言已经有了答复，不用再传文件。还有疑问可以接着问。")
            many = select(func.count()).select_from(Attachment).where(Attachment.question_id == question_id)
            if (await session.exec(many)).one() >= FILES_MAX:
                raise BadInputError(f"一条留言最多传 {FILES_MAX} 个文件，您已经传满了。", "file")
            session.add(row)
            note = f"{wording.SUPPLEMENT}上传了附件（{described(kind, len(body))}）"
            session.add(QuestionEvent(question_id=question_id, at=at, actor=CITIZEN, state=question.state, note=note))
    except IntegrityError:
        return  # it is kept already


async def kept_with(session: AsyncSession, question_id: int) -> list[Kept]:
    """What was added to a question, without the contents."""
    wanted = select(Attachment.id, Attachment.kind, Attachment.size, Attachment.at)
    rows = await session.exec(wanted.where(Attachment.question_id == question_id).order_by(col(Attachment.id)))
    return [Kept(number or 0, kind, size, at) for number, kind, size, at in rows.all()]
