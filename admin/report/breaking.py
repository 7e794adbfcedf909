"""Breaks Chinese text into lines: no line begins with a closing mark or ends with an opening one; words stay whole."""

import re
from collections.abc import Callable, Iterator

CLOSING, OPENING = "，。、；：！？）》”’〕】〉」』…—%)]}.,;:!?", "（《“‘〔【〈「『([{"
# What stays together: letters and figures with their signs, else one sign.
PIECE = re.compile(r"[A-Za-z0-9@#&+\-_./:%?=~]+|.", re.DOTALL)
Widths = Callable[[str], float]


def lines(text: str, width_of: Widths, width: float, indent: float = 0.0) -> list[str]:
    """The lines of a paragraph; the first begins after `indent`. Widths in one unit, whichever `width_of` gives."""
    found: list[str] = []
    line, room = "", width - indent
    for piece in _pieces(text, width_of, width):
        if not line or width_of(line + piece) <= room:
            line += piece
            continue
        keep, moved = _settled(line, piece)
        found.append(keep)
        line, room = moved + piece, width
    return [*found, line] if line else found


def _pieces(text: str, width_of: Widths, width: float) -> Iterator[str]:
    """Pieces that may stand apart; a word longer than a line is cut into its letters."""
    for found in PIECE.finditer(text):
        if width_of(found[0]) > width:
            yield from found[0]
        else:
            yield found[0]


def _settled(line: str, piece: str) -> tuple[str, str]:
    """Where a line that `piece` no longer fits on is cut, so that the next one begins well; at most half of it moves."""
    for cut in range(len(line), len(line) // 2, -1):
        before, after = line[cut - 1], (line[cut:] + piece)[0]
        if after not in CLOSING and before not in OPENING and not (_in_word(before) and _in_word(after)):
            return line[:cut], line[cut:]
    return line, ""


def _in_word(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
