"""Two versions of an entry or policy side by side, field by field, as people read it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from admin.library.changeset import FIELD_NAMES
from knowledge.format import ArticleText, BasisText, EntryText, PolicyText
from knowledge.vocabulary import EntryStatus, Level

SAME, GONE, NEW = "same", "gone", "new"
# A letter two texts share by chance between two changes only tears words apart.
TORN_MAX = 1
# Beyond this, letters are not compared one by one: it would take too long, and nobody would read it.
COMPARED_MAX = 3000
# Figures and Latin words are compared whole: half a number struck out cannot be read.
WORD = re.compile(r"[0-9A-Za-z.,%‰-]+|.", re.DOTALL)
Piece = tuple[str, str]


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: pieces of its text, or rows of its list, each marked same, gone or new."""

    label: str
    pieces: tuple[Piece, ...] = ()
    rows: tuple[Piece, ...] = ()
    kept: int = 0


def changes(before: EntryText | PolicyText | None, after: EntryText | PolicyText) -> list[FieldChange]:
    """The fields that differ, in the order of the files; everything is new where nothing stood before."""
    found = []
    for name in type(after).model_fields:
        old, new = getattr(before, name, None), getattr(after, name)
        if old == new or (not old and not new):
            continue
        label = FIELD_NAMES.get(name, name)
        if isinstance(new, tuple):
            found.append(_rows(label, [_said(one) for one in old or ()], [_said(one) for one in new]))
        else:
            found.append(FieldChange(label, tuple(pieces(_said(old), _said(new)))))
    return found


def pieces(old: str, new: str) -> Iterator[Piece]:
    """A text as what stayed, went and came."""
    if not old or not new or max(len(old), len(new)) > COMPARED_MAX:
        yield from ((mark, text) for mark, text in ((GONE, old), (NEW, new)) if text)
        return
    gone = came = ""
    one, two = WORD.findall(old), WORD.findall(new)
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        same = "".join(one[a:b]) if kind == "equal" else ""
        torn = len(same) <= TORN_MAX and "\n" not in same and b < len(one) and d < len(two) and bool(gone or came)
        if same and not torn:
            yield from _changed(gone, came)
            gone = came = ""
            yield SAME, same
        else:
            gone, came = gone + "".join(one[a:b]), came + "".join(two[c:d])
    yield from _changed(gone, came)


def _changed(gone: str, came: str) -> Iterator[Piece]:
    if gone:
        yield GONE, gone
    if came:
        yield NEW, came


def _rows(label: str, old: Sequence[str], new: Sequence[str]) -> FieldChange:
    gone = [(GONE, row) for row in old if row not in new]
    came = [(NEW, row) for row in new if row not in old]
    kept = sum(row in old for row in new)
    moved = [(SAME, "（只有顺序不同）")] if not gone and not came else []
    return FieldChange(label, rows=(*gone, *came, *moved), kept=kept)


def _said(value: Any) -> str:
    if isinstance(value, (Level, EntryStatus)):
        return value.label
    if isinstance(value, BasisText):
        quote = f"：“{value.quote}”" if value.quote else ""
        return f"{value.policy} {value.article}{quote}"
    if isinstance(value, ArticleText):
        checked = "（已逐字核对）" if value.checked else ""
        return f"{value.article}{checked}　{value.text}"
    return str(value) if value is not None else ""
