"""Questions a second of the pure engine on one core, beside others on the same questions: python -m tests.benchmarks.engine_speed

The starter base (351 entries, asked the similar questions of those in force with a character more) and made-up bases of other sizes. Each
is timed on distinct questions with the memory of repeated ones empty, then on the same again. bm25s and rank_bm25 read jieba
words and pairs of characters, and their time holds the cutting; rapidfuzz compares whole texts. They only find the most alike
question: days, regions, vetoes, the chance of being right and the answer's basis are the engine's alone.
Processor time, best of several rounds: other work on the machine only slows.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import bm25s
from rank_bm25 import BM25Okapi
from rapidfuzz import fuzz, process

from bot.answer.engine import Engine
from bot.answer.regions import own_regions
from bot.answer.route import route
from bot.answer.screen import screen
from knowledge.base import read_base
from knowledge.entries import Snapshot, known_entries
from knowledge.text import bare, normalise
from knowledge.vocabulary import Kind
from knowledge.words import cut
from tests.benchmarks.made_up import DAY, base, letters_of, misspelt, questions

SIZES = (200, 351, 4_000, 100_000)
STARTER = 351
DATA = Path(__file__).parents[2] / "knowledge" / "data"
REGION = "威海"
ROUNDS = 3
LARGE = 10_000
# Whoever would take longer for its questions is asked fewer, and is left out where even the fewest took longer.
SECONDS_MAX = 60.0
FEWEST = 20
WRONG = (0, 1, 2)
HEAD = f"{'':12} {'build s':>8} {'distinct/s':>11} {'repeated/s':>11} {'ms':>8} {'of fastest':>10} {'x rapidfuzz':>11} {'acc@1 %':>8} {'1 wrong':>8} {'2 wrong':>8}"
Find = Callable[[str], str]


@dataclass(frozen=True)
class Case:
    """A base, its kept questions with the keys of their entries, and labelled questions: as written, with one and two wrong
    characters."""

    known: Snapshot
    kept: list[str]
    keys: list[str]
    asked: list[list[tuple[str, str]]]


@dataclass(frozen=True)
class Row:
    """One line of the table; `skipped` says why there are no figures."""

    name: str
    built: float = 0.0
    distinct: float = 0.0
    repeated: float = 0.0
    right: tuple[float, ...] = ()
    skipped: str = ""


def case(size: int) -> Case:
    """Entries and questions of a size."""
    chance, number = random.Random(7), 1_000 if size < LARGE else 200
    if size == STARTER:
        starter = read_base(DATA)
        entries, vocabulary = known_entries(starter, {}), starter.vocabulary
        own_ones = own_regions(REGION)
        given = [entry for entry in entries if entry.region in own_ones and entry.in_force(DAY)]
        asked = [(f"{text}呢", entry.key) for entry in given for text in entry.similar]
        chance.shuffle(asked)
    else:
        entries, vocabulary = base(size), ""
        asked = questions(entries, 2 * number)
    # What screening or routing sends away costs next to nothing; only what goes the whole way is asked.
    asked = [(text, key) for text, key in dict(asked).items() if _stays(normalise(text))][:number]
    own = [(text, entry.key) for entry in entries for text in (entry.standard, *entry.similar)]
    letters = letters_of(text for text, _ in own)
    spelt = [[(misspelt(text, wrong, letters, chance), key) for text, key in asked] for wrong in WRONG]
    return Case(Snapshot(1, entries, vocabulary), [text for text, _ in own], [key for _, key in own], spelt)


def _stays(plain: str) -> bool:
    return screen(plain) is None and route(plain, Kind.CONSULTATION) is None


def tokens(text: str) -> list[str]:
    """Jieba words and pairs of characters."""
    said = bare(text)
    return [*cut(said), *(a + b for a, b in pairwise(said))]


def engine_of(one: Case) -> tuple[Find, Callable[[], None]]:
    """The engine's first candidate, or the answer itself."""
    engine = Engine(one.known, region=REGION, provisional=True)

    def find(text: str) -> str:
        draft = engine.answer(text, DAY)
        return draft.candidates[0].entry.key if draft.candidates else ""

    return find, engine.forget


def rapidfuzz_of(one: Case) -> tuple[Find, None]:
    """The kept question with the least to be changed."""
    return lambda text: one.keys[process.extractOne(text, one.kept, scorer=fuzz.ratio)[2]], None


def bm25s_of(one: Case) -> tuple[Find, None]:
    """The best by BM25 over sparse columns reckoned beforehand."""
    index = bm25s.BM25()
    index.index([tokens(text) for text in one.kept], show_progress=False)

    def find(text: str) -> str:
        return one.keys[int(index.retrieve([tokens(text)], k=1, show_progress=False)[0][0, 0])]

    return find, None


def rank_bm25_of(one: Case) -> tuple[Find, None]:
    """The best by BM25 over dictionaries."""
    index = BM25Okapi([tokens(text) for text in one.kept])
    return lambda text: one.keys[int(index.get_scores(tokens(text)).argmax())], None


PEERS: dict[str, Callable[[Case], tuple[Find, Callable[[], None] | None]]] = {
    "engine": engine_of, "bm25s": bm25s_of, "rank_bm25": rank_bm25_of, "rapidfuzz": rapidfuzz_of,
}  # fmt: skip


def rate(find: Find, texts: Sequence[str]) -> float:
    """Texts a second."""
    start = time.process_time()
    for text in texts:
        find(text)
    return len(texts) / max(time.process_time() - start, 1e-6)


def measure(name: str, one: Case) -> Row:
    """One of them on one base."""
    start = time.process_time()
    find, forget = PEERS[name](one)
    built = time.process_time() - start
    texts = [text for text, _ in one.asked[0]]
    first = rate(find, texts[:3])
    affordable = int(SECONDS_MAX * first / (len(WRONG) + 1))
    if affordable < FEWEST:
        return Row(
            name, skipped=f"left out: {1000 / first:,.0f} ms a question, {FEWEST} of each kind take over a minute"
        )
    # Asked for their answers first: what is made when it is looked at for the first time is made then.
    right = tuple(_right(find, asked[:affordable]) for asked in one.asked)
    texts = texts[:affordable]
    distinct: list[float] = []
    repeated: list[float] = []
    while len(distinct) < ROUNDS and (not distinct or len(texts) < distinct[0] * SECONDS_MAX / 10):
        if forget:
            forget()
        distinct.append(rate(find, texts))
        repeated.append(rate(find, texts) if forget else 0.0)
    return Row(name, built, max(distinct), max(repeated), right)


def _right(find: Find, asked: Sequence[tuple[str, str]]) -> float:
    return 100 * sum(find(text) == key for text, key in asked) / len(asked)


def line(row: Row, fastest: float, plain: float) -> str:
    """As a line of the table; ratios to the fastest and to rapidfuzz."""
    if row.skipped:
        return f"{row.name:12} {row.skipped}"
    again = f"{row.repeated:,.0f}" if row.repeated else "-"
    ratios = f"{row.distinct / fastest:10.2f} {row.distinct / plain if plain else float('nan'):11.1f}"
    right = " ".join(f"{share:8.1f}" for share in row.right)
    return (
        f"{row.name:12} {row.built:8.2f} {row.distinct:11,.0f} {again:>11} {1000 / row.distinct:8.3f} {ratios} {right}"
    )


def main() -> None:
    """Print a table a size."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    Engine(Snapshot(0, (), ""))
    for size in sizes:
        one = case(size)
        rows = [measure(name, one) for name in PEERS]
        fastest = max(row.distinct for row in rows)
        plain = next(row.distinct for row in rows if row.name == "rapidfuzz")
        sys.stdout.write(f"{len(one.known.entries):,} entries, {len(one.kept):,} questions\n{HEAD}\n")
        sys.stdout.write("".join(f"{line(row, fastest, plain)}\n" for row in rows) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
