"""A change of the knowledge base as data: what shall stand, and what stood when it was made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.base import Base
from knowledge.errors import BadInputError, NotFoundError, in_chinese
from knowledge.format import EntryText, PolicyText
from knowledge.tables import Entry, EntryRevision

FIELD_NAMES = {
    "key": "标识",
    "standard": "标准问",
    "short": "短标签",
    "topic": "主题",
    "region": "地区",
    "status": "状态",
    "level": "核实程度",
    "facts": "事实编号",
    "valid_from": "生效日期",
    "valid_until": "最后有效日",
    "superseded_by": "接替条目",
    "similar": "相似问",
    "counter": "反例",
    "answer": "答复正文",
    "basis": "依据",
    "note": "内部说明",
    "title": "标题",
    "number": "文号",
    "issuer": "发文机关",
    "issued": "发文日期",
    "replaces": "所替代的文件",
    "own": "本单位制发",
    "source": "来源",
    "articles": "条文",
}


@dataclass(frozen=True)
class ChangeSet:
    """Whole policies and entries as they shall stand. `policies_before` and `revisions` say what the author saw: the policies
    as they stood, and the revision of each entry (0: there was none)."""

    policies: tuple[PolicyText, ...] = ()
    entries: tuple[EntryText, ...] = ()
    vocabulary: str = ""
    policies_before: tuple[PolicyText, ...] = ()
    revisions: dict[str, int] = field(default_factory=dict)
    vocabulary_before: str = ""

    @property
    def part(self) -> Base:
        """What is to be written."""
        return Base(self.policies, self.entries, self.vocabulary)

    def applied(self, base: Base) -> Base:
        """A whole base with this change in it; new rows come last."""
        return Base(
            _replaced(base.policies, self.policies),
            _replaced(base.entries, self.entries),
            self.vocabulary or base.vocabulary,
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "policies": [row.model_dump(mode="json") for row in self.policies],
            "entries": [row.model_dump(mode="json") for row in self.entries],
            "vocabulary": self.vocabulary,
            "policies_before": [row.model_dump(mode="json") for row in self.policies_before],
            "revisions": self.revisions,
            "vocabulary_before": self.vocabulary_before,
        }

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "ChangeSet":
        """Read what `as_json` gave."""
        return cls(
            tuple(PolicyText.model_validate(row) for row in kept["policies"]),
            tuple(EntryText.model_validate(row) for row in kept["entries"]),
            kept["vocabulary"],
            tuple(PolicyText.model_validate(row) for row in kept["policies_before"]),
            dict(kept["revisions"]),
            kept["vocabulary_before"],
        )


def _replaced(stood: Iterable[Any], wanted: Iterable[Any]) -> tuple[Any, ...]:
    rows = {row.key: row for row in stood}
    rows.update({row.key: row for row in wanted})
    return tuple(rows.values())


def entry_text(values: dict[str, Any]) -> EntryText:
    """An entry by the schema of the files; BadInputError names the field and says in Chinese what is wrong with it."""
    try:
        return EntryText.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0]) if fault["loc"] else "standard"
        raise BadInputError(f"{FIELD_NAMES.get(name, name)}：{in_chinese(dict(fault))}。", name) from None


def policy_text(values: dict[str, Any]) -> PolicyText:
    """A policy by the schema of the files."""
    try:
        return PolicyText.model_validate(values)
    except ValidationError as error:
        raise BadInputError(f"{in_chinese(dict(error.errors()[0]))}。", "valid_until") from None


async def at_revision(session: AsyncSession, key: str, revision: int) -> EntryText | None:
    """An entry as it stood at a revision; None where there is none such."""
    wanted = (
        select(EntryRevision.content)
        .join(Entry)
        .where(Entry.key == key, EntryRevision.revision == revision)
        .order_by(col(EntryRevision.id).desc())
    )
    content = (await session.exec(wanted)).first()
    return EntryText.model_validate(content) if content else None


async def present(session: AsyncSession, key: str) -> tuple[EntryText, int]:
    """An entry as it stands, and its revision."""
    revision = (await session.exec(select(Entry.revision).where(Entry.key == key))).one_or_none()
    found = await at_revision(session, key, revision) if revision else None
    if found is None or revision is None:
        raise NotFoundError("知识库里没有这个条目。")
    return found, revision
