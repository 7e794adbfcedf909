"""Tables from ruled lines: which lines hang together, the grid they make, and which letters stand in which cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from admin.report.reading.letters import Letter, Rule
from admin.report.reading.limits import MOST_COLUMNS, MOST_ROWS
from admin.report.reading.raw import Row

NEAR = 2.5  # points: lines this near are one line, ends this near meet
MOST_LINES = 600  # of one page, once what is one line has become one
Span = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A level line (`at` is its y) or an upright one (`at` is its x), from `start` to `end`."""

    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Ruled:
    """A table on a page: where it lies, its rows, and the letters that stand in it."""

    top: float
    left: float
    right: float
    bottom: float
    rows: tuple[Row, ...]

    def holds(self, letter: Letter) -> bool:
        """Whether a letter stands within."""
        x, y = (letter.left + letter.right) / 2, letter.base - letter.size / 3
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def tables(letters: Sequence[Letter], rules: Sequence[Rule]) -> Iterator[Ruled]:
    """The tables of a page, from top to bottom."""
    level = _lines([(rule.top, rule.left, rule.right) for rule in rules if rule.right - rule.left > NEAR])
    upright = _lines([(rule.left, rule.top, rule.bottom) for rule in rules if rule.bottom - rule.top > NEAR])
    if len(level) + len(upright) > MOST_LINES:
        return
    groups = sorted(_groups(level, upright), key=lambda group: min(line.at for line in group[0]))
    for flat, high in groups:
        ys, xs = _distinct(flat), _distinct(high)
        if 2 <= len(ys) <= MOST_ROWS and 2 <= len(xs) <= MOST_COLUMNS:
            yield _table(letters, flat, high, ys, xs)


def in_order(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Letters by lines from top to bottom, in each from left to right."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda each: each.base):
        if lines and letter.base - lines[-1][0].base < max(letter.size * 0.4, NEAR):
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [sorted(line, key=lambda each: each.left) for line in lines]


def _lines(pieces: list[tuple[float, float, float]]) -> list[Line]:
    """Pieces that lie on one line and meet become one."""
    found: list[Line] = []
    for group in _levels(sorted(pieces)):
        at = group[0][0]
        start, end = None, 0.0
        for _, left, right in sorted(group, key=lambda piece: piece[1]):
            if start is not None and left <= end + NEAR:
                end = max(end, right)
                continue
            if start is not None:
                found.append(Line(at, start, end))
            start, end = left, right
        if start is not None:
            found.append(Line(at, start, end))
    return found


def _levels(pieces: list[tuple[float, float, float]]) -> Iterator[list[tuple[float, float, float]]]:
    group: list[tuple[float, float, float]] = []
    for piece in pieces:
        if group and piece[0] - group[0][0] > NEAR:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _groups(level: list[Line], upright: list[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Lines that cross or meet, directly or over others."""
    left_level, left_upright = set(range(len(level))), set(range(len(upright)))
    while left_level:
        flat, high = {left_level.pop()}, set[int]()
        waiting = [(True, next(iter(flat)))]
        while waiting:
            is_level, at = waiting.pop()
            others, taken = (left_upright, high) if is_level else (left_level, flat)
            met = {
                other
                for other in others
                if (_meet(level[at], upright[other]) if is_level else _meet(level[other], upright[at]))
            }
            others -= met
            taken |= met
            waiting += [(not is_level, other) for other in met]
        if len(flat) > 1 and len(high) > 1:
            yield [level[at] for at in sorted(flat)], [upright[at] for at in sorted(high)]


def _meet(flat: Line, high: Line) -> bool:
    return flat.start - NEAR <= high.at <= flat.end + NEAR and high.start - NEAR <= flat.at <= high.end + NEAR


def _distinct(lines: list[Line]) -> list[float]:
    found: list[float] = []
    for at in sorted(line.at for line in lines):
        if not found or at - found[-1] > NEAR:
            found.append(at)
    return found


def _table(letters: Sequence[Letter], flat: list[Line], high: list[Line], ys: list[float], xs: list[float]) -> Ruled:
    """Cells that no line parts are one; its text stands at its upper left corner."""
    rows, columns = list(pairwise(ys)), list(pairwise(xs))
    anchor: dict[tuple[int, int], tuple[int, int]] = {}
    for row, (top, bottom) in enumerate(rows):
        for column, (left, right) in enumerate(columns):
            place = (row, column)
            if column and not _parted(high, xs[column], (top + bottom) / 2):
                anchor[place] = anchor[row, column - 1]
            elif row and not _parted(flat, ys[row], (left + right) / 2):
                anchor[place] = anchor[row - 1, column]
            else:
                anchor[place] = place
    inside: dict[tuple[int, int], list[Letter]] = {place: [] for place in anchor.values()}
    for letter in letters:
        x, y = (letter.left + letter.right) / 2, letter.base - letter.size / 3
        at = (_slot(rows, y), _slot(columns, x))
        if at in anchor:
            inside[anchor[at]].append(letter)
    texts = {place: "".join(each.sign for line in in_order(found) for each in line) for place, found in inside.items()}
    laid = (
        tuple(texts[row, column] if anchor[row, column] == (row, column) else None for column in range(len(columns)))
        for row in range(len(rows))
    )
    return Ruled(ys[0], xs[0], xs[-1], ys[-1], tuple(laid))


def _parted(lines: list[Line], at: float, middle: float) -> bool:
    return any(abs(line.at - at) <= NEAR and line.start - NEAR <= middle <= line.end + NEAR for line in lines)


def _slot(spans: list[Span], at: float) -> int:
    return next((number for number, (start, end) in enumerate(spans) if start <= at < end), -1)
