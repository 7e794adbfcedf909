"""How much a file of lines may hold; what is larger is refused with a sentence, never read half."""

from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_FILE = 32 * 1024 * 1024  # bytes as it lies
LARGEST_TEXT = 256 * 1024 * 1024  # bytes of all members of a workbook, unpacked
LARGEST_STRINGS = 64 * 1024 * 1024  # bytes of a workbook's shared texts, which stay in memory
MOST_MEMBERS = 2_000
MOST_LINES = 200_000
MOST_COLUMNS = 60
LONGEST_CELL = 5_000  # characters
HEAD_WITHIN = 20  # lines a title may take before the heads of the columns


@dataclass(frozen=True)
class Cells:
    """One line of the file: its number as a person counts, and its cells as text. `formulas`: columns that are reckoned."""

    number: int
    texts: tuple[str, ...]
    formulas: tuple[int, ...] = ()


Rows = Iterator[Cells]
