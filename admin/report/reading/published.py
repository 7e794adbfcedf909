"""A report as it was read: its year, its text by parts, its cells, and where in the file each of them stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from admin.report.values import Value


@dataclass(frozen=True)
class Words:
    """A paragraph and where it stands."""

    text: str
    place: str = ""


@dataclass(frozen=True)
class Part:
    """Paragraphs under a heading; no heading for the opening of a section."""

    title: str
    paragraphs: tuple[Words, ...]


@dataclass(frozen=True)
class Section:
    """One of the six parts: `title` as the form has it, `printed` as the file has it; `notes` stand below its table."""

    title: str
    printed: str
    parts: tuple[Part, ...]
    notes: tuple[Words, ...] = ()

    def paragraphs(self) -> Iterator[Words]:
        """All of them, in order."""
        for part in self.parts:
            yield from part.paragraphs
        yield from self.notes


@dataclass(frozen=True)
class Sheet:
    """The cells of the three tables by their keys.

    `blocks` are the columns of table two as printed; `form` the form whose rows table three has; `tables` those found;
    `remarks` what stands in brackets behind a number; `faults` what could not be read.
    """

    cells: Mapping[str, Value]
    places: Mapping[str, str] = field(default_factory=dict)
    blocks: Sequence[Sequence[str]] = ()
    form: str = ""
    tables: frozenset[str] = frozenset("234")
    remarks: Sequence[str] = ()
    faults: Sequence[str] = ()


@dataclass(frozen=True)
class Published:
    """A whole report."""

    year: int
    office: str
    preface: tuple[Words, ...]
    sections: tuple[Section, ...]
    sheet: Sheet
    has_text: bool = True
