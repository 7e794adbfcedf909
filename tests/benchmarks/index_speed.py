"""The index by the size of its base: python -m tests.benchmarks.index_speed [sizes]; 1,000,000 only when asked for.

One process a size, so that memory is that of one base. Times of search and engine are processor time of one thread, each
question asked once; a million entries have one question each, fewer have two.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from bot.answer.engine import Engine
from bot.answer.retrieve import CONSIDERED
from knowledge import index_store
from knowledge.base import read_base
from knowledge.entries import KnownEntry, Snapshot, known_entries
from knowledge.index import Index
from tests.benchmarks.made_up import DAY, TAILS, base

SIZES = (200, 351, 4_000, 100_000)
STARTER = 351
SINGLE_FROM = 1_000_000
ASKED = 300
DATA = Path(__file__).parents[2] / "knowledge" / "data"
HEAD = "  entries  questions  build s  load s  update ms  search p50    p99  engine p50    p99  recall %  resident MB"


def entries_of(size: int) -> tuple[tuple[KnownEntry, ...], str]:
    """Made-up entries and their vocabulary; 351 are those of the starter base."""
    if size == STARTER:
        starter = read_base(DATA)
        return known_entries(starter, {}), starter.vocabulary
    return base(size, single=size >= SINGLE_FROM), ""


def percentiles(work: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float]:
    """Milliseconds, median and 99th of a hundred."""
    took = []
    for text in texts:
        start = time.thread_time()
        work(text)
        took.append(1000 * (time.thread_time() - start))
    half, most = np.percentile(took, [50, 99])
    return float(half), float(most)


def timed(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def recall(index: Index, texts: Sequence[str]) -> float:
    """Of the eight most alike of all, how many are found or as alike as the last of those; compared with every question."""
    found = whole = 0
    part = index.settled.part
    counters = np.arange(part.rows) - part.firsts[part.entry_of] >= part.own[part.entry_of]
    for text in texts:
        query = index.query(index.lexicon.terms(text))
        values = np.zeros(len(index.kind), np.float32)
        values[query.known] = index.settled.weight[query.known]
        all_alike = np.zeros(part.rows, np.float32)
        for at in range(0, part.rows, 1 << 16):
            rows = np.arange(at, min(at + (1 << 16), part.rows))
            all_alike[rows] = part.sums(rows, values) * index.settled.inverse[rows]
        all_alike[counters] = 0
        best = np.sort(np.maximum.reduceat(all_alike, part.firsts[:-1]))[::-1][:CONSIDERED]
        hits = index.search(query, CONSIDERED)
        total = float(best[0]) / hits[0].likeness if hits else 1.0
        least = float(best[best > 0].min(initial=np.inf)) / total
        found += sum(hit.likeness >= least - 1e-4 for hit in hits)
        whole += int((best > 0).sum())
    return 100 * found / max(whole, 1)


def measure(size: int) -> str:
    """One line of the table."""
    entries, vocabulary = entries_of(size)
    known = Snapshot(1, entries, vocabulary)
    engines: list[Engine] = []
    built = timed(lambda: engines.append(Engine(known)))
    engine = engines[0]
    index = engine.index
    resident = psutil.Process().memory_info().rss / 2**20
    step = max(1, len(entries) // ASKED)
    texts = [f"{entry.standard}{TAILS[at % len(TAILS)]}" for at, entry in enumerate(entries[::step])]
    queries = {text: index.query(index.lexicon.terms(text)) for text in texts}
    wanted = np.ones(len(entries), bool)
    index.search(queries[texts[0]])
    searched = percentiles(lambda text: index.search(queries[text], CONSIDERED, wanted=wanted), texts)
    engine.answer("游泳馆几点开门", DAY)
    answered = percentiles(lambda text: engine.answer(text, DAY), texts)
    changed = [replace(entries[0], standard="水族馆周几闭馆"), *entries[1:]]
    updated = timed(lambda: Engine(replace(known, entries=tuple(changed)), index=index.renewed(changed)))
    loaded = _load(index, entries)
    right = recall(index, texts[::6])
    return (
        f"{len(entries):9,d} {len(index.asked):10,d} {built:8.2f} {loaded:>7} {1000 * updated:10.1f}"
        f" {searched[0]:11.2f} {searched[1]:6.2f} {answered[0]:11.2f} {answered[1]:6.2f} {right:9.2f} {resident:12.0f}"
    )


def _load(index: Index, entries: Sequence[KnownEntry]) -> str:
    """Seconds to have the index from disk; a small base is not stored, for it is analysed as fast."""
    with tempfile.TemporaryDirectory() as folder:
        if not index_store.save(Path(folder), index, 1):
            return "-"
        return f"{timed(lambda: index_store.load(Path(folder), entries, index.lexicon, 1)):.2f}"


def main(sizes: Sequence[str]) -> None:
    """Print the table."""
    if len(sizes) == 1:
        sys.stdout.write(f"{HEAD}\n{measure(int(sizes[0]))}\n")
        return
    for at, size in enumerate(sizes or [str(one) for one in SIZES]):
        done = subprocess.run([sys.executable, "-m", __spec__.name, size], capture_output=True, text=True, check=True)
        sys.stdout.write("\n".join(done.stdout.splitlines()[at > 0 :]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
