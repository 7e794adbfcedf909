"""The coverage curve of a model: as lines for a terminal, as a picture, and the promise of the point in use."""

import math
from collections.abc import Callable, Sequence
from html import escape

from bot.answer.engine import Engine
from bot.answer.model import Model, Point

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 84, 56
LINES = 12
# With fewer answers the bound says little, and would stretch the picture down to nothing.
FEW = 10
SEEN, PROMISED, IN_USE = "#1a5276", "#c0722c", "#a01818"
FONT = "font-family=\"'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif\""


def promise(engine: Engine) -> str:
    """From which chance the engine answers by itself, and what is proven of that."""
    if engine.point is None:
        rest = f"没有能证明 {_percent(engine.target_precision)} 精确率的门槛，只自动答复问法完全相同的问题"
        thin = engine.model.provisional(engine.target_precision)
        return f"{rest}（暂定门槛：{_basis(thin)}；没有启用）" if thin else rest
    if engine.proven:
        return f"{_basis(engine.point)}，已证明目标 {_percent(engine.target_precision)}"
    return f"{_basis(engine.point)}（样本不足以证明目标 {_percent(engine.target_precision)}，暂用）"


def proof(engine: Engine) -> dict[str, object]:
    """The same as plain values: `bound` is none where nothing is proven for the target."""
    point = engine.proven or engine.model.provisional(engine.target_precision)
    counted = {"chance": point.chance, "answered": point.answered, "right": point.right} if point else {}
    bound = {"bound": point.bound} if point else {}
    return {"target": engine.target_precision, "proven": engine.proven is not None, **counted, **bound}


def curve_lines(model: Model) -> list[str]:
    """Some points of the curve, from the surest down."""
    if not model.curve:
        return []
    thinned = [*model.curve[:: max(1, -(-len(model.curve) // LINES))]]
    if thinned[-1] != model.curve[-1]:
        thinned.append(model.curve[-1])
    head = "  把握 ≥   自动答复   答对   精确率   95%下限   覆盖率"
    return ["  模型的曲线（学习时没有见过的问题）：", head, *map(_line, thinned)]


def coverage_svg(model: Model, used: Point | None, target: float) -> str:
    """Coverage to the right; precision seen (dark) and its 95 % lower bound (light) upwards; the target as a dashed line.

    The scale upwards begins below the lowest value that more than FEW answers have: what matters lies near the target.
    """
    points = [point for point in model.curve if point.answered]
    frame = _Frame(min([target - 0.01, *(point.bound for point in points if point.answered >= FEW)]))
    parts = [*frame.axes(), *frame.target(target)]
    parts += [frame.line(points, _precision, SEEN), frame.line(points, lambda point: point.bound, PROMISED)]
    parts += _legend()
    parts += frame.mark(used) if used else [_words(LEFT, 70, "现在没有启用门槛：只自动答复问法完全相同的问题", IN_USE)]
    told = "自动答复的覆盖率与精确率"
    about = _told(used, target, len(points))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-labelledby="title about" {FONT}>'
        f'<title id="title">{told}</title><desc id="about">{escape(about)}</desc>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{_words(LEFT, 28, told, "#111", 18)}{"".join(parts)}</svg>\n'
    )


class _Frame:
    """Where a coverage and a precision lie in the picture."""

    def __init__(self, floor: float) -> None:
        self.floor = max(0.0, math.floor(floor * 10) / 10)

    def x(self, coverage: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * coverage

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (max(value, self.floor) - self.floor) / (1 - self.floor)

    def axes(self) -> list[str]:
        parts = []
        for step in range(0, 101, 20):
            x = self.x(step / 100)
            parts.append(_stroke(x, self.y(1), x, self.y(self.floor), "#ddd"))
            parts.append(_words(x, HEIGHT - BOTTOM + 18, f"{step}%", "#333", 12, "middle"))
        for step in range(round(100 * self.floor), 101, {0.9: 2, 0.8: 5}.get(self.floor, 10)):
            y = self.y(step / 100)
            parts.append(_stroke(LEFT, y, WIDTH - RIGHT, y, "#ddd"))
            parts.append(_words(LEFT - 8, y + 4, f"{step}%", "#333", 12, "end"))
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(_words(middle, HEIGHT - 12, "覆盖率：能答的问题里自动答对的", "#333", 13, "middle"))
        # Written downwards beside the axis, as Chinese may be: a turned text is hard to read.
        down = "".join(f'<tspan x="18" dy="17">{char}</tspan>' for char in "精确率")
        parts.append(
            f'<text y="{(TOP + HEIGHT - BOTTOM) / 2 - 34:.0f}" font-size="13" text-anchor="middle">{down}</text>'
        )
        return parts

    def target(self, target: float) -> list[str]:
        y = self.y(target)
        words = _words(WIDTH - RIGHT - 4, y + 14, f"目标 {_percent(target)}", "#555", 12, "end")
        return [_stroke(LEFT, y, WIDTH - RIGHT, y, "#555", ' stroke-dasharray="5 4"'), words]

    def line(self, points: Sequence[Point], value: Callable[[Point], float], colour: str) -> str:
        shown = [(self.x(_coverage(point)), self.y(value(point))) for point in points if value(point) >= self.floor]
        spots = " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{spots}"/>'

    def mark(self, used: Point) -> list[str]:
        x, y = self.x(_coverage(used)), self.y(_precision(used))
        return [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="{IN_USE}" stroke-width="3"/>',
            _stroke(x, y + 6, x, self.y(self.floor), IN_USE, ' stroke-dasharray="2 3"'),
            _words(LEFT, 70, f"○ 现在的门槛：{_basis(used)}", IN_USE),
        ]


def _legend() -> list[str]:
    names = ((LEFT, SEEN, "看到的精确率"), (LEFT + 150, PROMISED, "精确率的 95% 下限"))
    return [
        part
        for x, colour, name in names
        for part in (_stroke(x, 46, x + 24, 46, colour, ' stroke-width="3"'), _words(x + 30, 50, name, "#333"))
    ]


def _told(used: Point | None, target: float, points: int) -> str:
    now = f"现在的门槛：{_basis(used)}。" if used else "现在没有启用门槛。"
    return f"{points} 个点，目标 {_percent(target)}。{now}" if points else "没有带标注的问题，没有曲线。"


def _words(x: float, y: float, text: str, colour: str, size: int = 12, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{escape(text)}</text>"


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"{more}/>'


def _precision(point: Point) -> float:
    return point.right / max(point.answered, 1)


def _coverage(point: Point) -> float:
    return min(point.right / max(point.asked, 1), 1.0)


def _basis(point: Point) -> str:
    seen = f"未参与学习的 {point.answered} 次中答对 {point.right} 次"
    return f"把握 ≥ {point.chance:.3f}；{seen}，精确率 95% 下限 {100 * point.bound:.1f}%"


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _line(point: Point) -> str:
    precision, coverage = 100 * _precision(point), 100 * _coverage(point)
    seen = f"  {point.chance:6.3f} {point.answered:9d} {point.right:8d}"
    return f"{seen} {precision:8.1f}% {100 * point.bound:8.1f}% {coverage:7.1f}%"
