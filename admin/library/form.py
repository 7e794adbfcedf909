"""The form of an entry: from what was typed to the schema of the files, and back."""

from dataclasses import dataclass, replace
from typing import Any

from admin.library.changeset import entry_text
from bot.message import clean
from knowledge.errors import BadInputError
from knowledge.format import BasisText, EntryText
from knowledge.vocabulary import EntryStatus, Level

TEXT_MAX = 20_000
PLAIN = ("key", "standard", "short", "topic", "region", "status", "level", "valid_from", "valid_until", "superseded_by")
LISTS = ("similar", "counter")
TEXTS = ("answer", "note")
# The guard of forms takes fifty fields; more lines of basis than this are edited in the files.
BASIS_MAX = 9


@dataclass(frozen=True)
class Typed:
    """What stands in the form, letter by letter, so that nothing typed is lost."""

    values: dict[str, str]
    basis: tuple[BasisText, ...] = ()
    version: int = 0
    question: str = ""
    why: str = ""
    reason: str = ""
    error: str = ""
    field: str = ""

    def get(self, name: str) -> str:
        """One field; empty where nothing was typed."""
        return self.values.get(name, "")

    @property
    def rows(self) -> tuple[BasisText, ...]:
        """The lines of basis with one or two empty ones to fill in."""
        empty = BasisText.model_construct(policy="", article="", quote="")
        wanted = min(max(len(self.basis) + 1, 2), BASIS_MAX)
        return (*self.basis, *(empty for _ in range(wanted - len(self.basis))))

    def mended(self, error: BadInputError) -> "Typed":
        """The same with what is wrong with it."""
        return replace(self, error=str(error), field=error.field or "")


def number_in(text: str) -> int:
    """A version or revision as a form sends it."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInputError("页面上缺少版本号，可能已经过时。请复制下面的文字，重新打开这个页面。", "version")
    return int(text)


def typed(form: dict[str, str]) -> Typed:
    """The form as sent."""
    values = {name: form.get(name, "") for name in (*PLAIN, *LISTS, *TEXTS, "facts")}
    basis = tuple(
        BasisText.model_construct(
            policy=form.get(f"policy{n}", ""),
            article=form.get(f"article{n}", "").strip(),
            quote=form.get(f"quote{n}", "").strip(),
        )
        for n in range(BASIS_MAX)
    )
    return Typed(
        values,
        tuple(line for line in basis if line.policy or line.article or line.quote),
        number_in(form.get("version", "0") or "0"),
        form.get("question", ""),
        form.get("why", ""),
        form.get("reason", ""),
    )


def of_entry(entry: EntryText, version: int) -> Typed:
    """The form of an entry as it stands."""
    kept = entry.model_dump(mode="json")
    values = {name: str(kept[name] or "") for name in (*PLAIN, *TEXTS)}
    values |= {name: "\n".join(kept[name]) for name in LISTS}
    values["facts"] = " ".join(map(str, entry.facts))
    return Typed(values, entry.basis, version)


def entry_of(form: Typed) -> EntryText:
    """The entry a form describes; BadInputError names the field that cannot be taken."""
    values: dict[str, Any] = {}
    for name in (*PLAIN, *TEXTS, *LISTS):
        values[name] = _clean(form.get(name), name)
    for name in LISTS:
        values[name] = tuple(line.strip() for line in values[name].split("\n") if line.strip())
    values = {name: value for name, value in values.items() if value != ""}
    values.setdefault("status", EntryStatus.APPROVED)
    values["facts"] = _numbers(form.get("facts"))
    values["basis"] = tuple(_basis(line) for line in form.basis)
    if not values["basis"]:
        raise BadInputError("依据：至少写一条。没有依据的条目不能答复网友。", "basis")
    _chosen(values)
    return entry_text(values)


def _chosen(values: dict[str, Any]) -> None:
    if values.get("level") not in tuple(Level):
        raise BadInputError("核实程度：请选择。", "level")
    if values["status"] not in tuple(EntryStatus):
        raise BadInputError("状态：请选择。", "status")


def _basis(line: BasisText) -> dict[str, str]:
    if not line.policy:
        raise BadInputError("依据：写了条款或引文的一行要选政策文件。", "basis")
    return {
        "policy": line.policy,
        "article": _clean(line.article, "basis"),
        "quote": _clean(line.quote, "basis"),
    }


def _numbers(text: str) -> tuple[int, ...]:
    words = text.replace("，", " ").replace(",", " ").replace("、", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < 8 for word in words):
        raise BadInputError("事实编号：只能填整数，用空格隔开。", "facts")
    return tuple(map(int, words))


def _clean(text: str, name: str) -> str:
    if len(text) > TEXT_MAX:
        raise BadInputError(f"太长：最多 {TEXT_MAX} 个字，现在有 {len(text)} 个。", name)
    return clean(text, name, "文字")
