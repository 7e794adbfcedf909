"""What a file holds before anybody knows what it means: paragraphs and tables, in order, each with its place."""

from dataclasses import dataclass

# A cell's text; None where a cell reaches from its left or from above.
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `heading` where the file itself says that it is one."""

    text: str
    place: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Table:
    """A table. `exact` where a cell's place in its row tells its column; in text files only the order is sure."""

    rows: tuple[Row, ...]
    place: str = ""
    exact: bool = True


@dataclass(frozen=True)
class Document:
    """A file's contents; `title` is what the file calls itself beside its text; a workbook has no text."""

    blocks: tuple[Paragraph | Table, ...]
    title: str = ""
    has_text: bool = True
