"""The kept questions of an index, each made when it is looked at."""

from collections.abc import Iterator, Sequence
from typing import Protocol, overload

from knowledge.segments import Part
from knowledge.text import Terms


class Holder(Protocol):
    """What an index must tell about its rows."""

    def place(self, row: int) -> tuple[Part, int, int]:
        """The part a row lies in, its row there, and how many entries stand before that part."""
        ...

    def kept_terms(self, row: int) -> Terms:
        """A kept question analysed."""
        ...


class Asked:
    """One kept question: a standard or similar question, or a counter-question, of the entry at `entry`."""

    __slots__ = ("_holder", "row")

    def __init__(self, holder: Holder, row: int) -> None:
        self._holder = holder
        self.row = row

    @property
    def entry(self) -> int:
        """The place of its entry."""
        part, row, before = self._holder.place(self.row)
        return int(part.entry_of[row]) + before

    @property
    def text(self) -> str:
        """The question as it was written."""
        part, row, _ = self._holder.place(self.row)
        return part.text(row)

    @property
    def terms(self) -> Terms:
        """The question analysed; remembered for a while."""
        return self._holder.kept_terms(self.row)

    @property
    def counter(self) -> bool:
        """Whether it is a counter-question."""
        part, row, _ = self._holder.place(self.row)
        return part.counter(row)


class AskedRows(Sequence[Asked]):
    """All kept questions by their rows: a million objects that are never looked at need not be."""

    def __init__(self, holder: Holder, count: int) -> None:
        self._holder = holder
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, row: int) -> Asked: ...
    @overload
    def __getitem__(self, row: slice) -> list[Asked]: ...
    def __getitem__(self, row: int | slice) -> Asked | list[Asked]:
        """One question, or several."""
        rows = range(self._count)[row]
        return Asked(self._holder, rows) if isinstance(rows, int) else [Asked(self._holder, one) for one in rows]

    def __iter__(self) -> Iterator[Asked]:
        return (Asked(self._holder, row) for row in range(self._count))
