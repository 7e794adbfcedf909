"""Hostile input without end: python -m tests.benchmarks.fuzz [CASES] [--seed N] [--only NAME] [--again FILE]

Sound samples and what hypothesis makes of each format are changed at random and given to the parsers. Only the errors
a parser documents may come out, and no case may take long; anything else stops with the input saved. `make soak` runs a
million cases, the tests some thousands with a fixed seed.
"""

import argparse
import hashlib
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.benchmarks.fuzz_changes import changed
from tests.benchmarks.fuzz_importers import importers
from tests.benchmarks.fuzz_targets import DOORS, Target

CASES = 1_000_000
MADE_MAX = 400
SECONDS_MAX = 5.0
TELL_EVERY = 256
SAVED = Path("var") / "fuzz"


class Finding(Exception):
    """Something came out that no parser documents."""

    def __init__(self, target: Target, data: bytes, fault: str) -> None:
        self.target, self.data, self.fault = target, data, fault
        super().__init__(f"{target.name}: {fault}")

    def save(self, folder: Path) -> Path:
        """Keep the input, named by its target."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.target.name.replace(' ', '-')}.{hashlib.sha256(self.data).hexdigest()[:12]}"
        path.write_bytes(self.data)
        return path


@dataclass
class Count:
    """What became of a target's cases."""

    taken: int = 0
    refused: int = 0
    seconds: float = 0.0


def fuzz(
    targets: Sequence[Target], cases: int, seed: int, told: Callable[[Target, int], None] = lambda target, done: None
) -> dict[str, Count]:
    """Run the cases, shared out among the targets; raises the first Finding. The same seed makes the same cases."""
    whole = sum(target.share for target in targets)
    counts = {}
    for target in targets:
        share = max(1, cases * target.share // whole)
        counts[target.name] = _fuzzed(target, share, random.Random(f"{seed}:{target.name}"), told)
    return counts


def _fuzzed(target: Target, cases: int, chance: random.Random, told: Callable[[Target, int], None]) -> Count:
    count, begun = Count(), time.monotonic()
    made = made_by_hypothesis(target.made, min(MADE_MAX, max(1, cases // 20)), chance.randrange(2**32))
    whole = [*target.samples, *made]
    for number in range(cases):
        if number < len(whole):
            data = whole[number]
        else:
            data = changed(chance.choice(target.samples if chance.random() < 0.75 else made), whole, chance)
        if one(target, data):
            count.taken += 1
        else:
            count.refused += 1
        if number % TELL_EVERY == TELL_EVERY - 1:
            told(target, TELL_EVERY)
    told(target, cases % TELL_EVERY)
    count.seconds = time.monotonic() - begun
    return count


def one(target: Target, data: bytes) -> bool:
    """Whether the parser took the case; Finding where it did neither that nor refuse it as documented."""
    begun = time.monotonic()
    try:
        target.run(data)
    except target.allowed:
        return _in_time(target, data, begun, took=False)
    except Exception as error:
        raise Finding(target, data, f"{type(error).__name__}: {error}") from error
    return _in_time(target, data, begun, took=True)


def _in_time(target: Target, data: bytes, begun: float, *, took: bool) -> bool:
    seconds = time.monotonic() - begun
    if seconds > SECONDS_MAX:
        raise Finding(target, data, f"took {seconds:.1f} s")
    return took


def made_by_hypothesis(strategy: st.SearchStrategy[bytes], most: int, seed: int) -> list[bytes]:
    """Up to that many different examples, the same for the same seed."""
    found: dict[bytes, None] = {}

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=most,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(data: bytes) -> None:
        found[data] = None

    collect()
    return list(found)


def watched(cases: int, seed: int, only: str = "") -> bool:
    """Fuzz with a progress bar; prints what was found, and says whether all is well."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder:
        targets = [target for target in (*DOORS, *importers(Path(folder))) if only in target.name]
        columns = (TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        begun = time.monotonic()
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("fuzz", total=cases)
            try:
                counts = fuzz(
                    targets, cases, seed, lambda t, done: progress.update(task, advance=done, description=t.name)
                )
            except Finding as finding:
                path = finding.save(SAVED)
                sys.stdout.write(f"FOUND {finding}\nseed {seed}; the input is in {path}; once more: --again {path}\n")
                return False
    sys.stdout.write(_table(counts, seed, time.monotonic() - begun))
    return True


def _table(counts: dict[str, Count], seed: int, seconds: float) -> str:
    lines = [f"{'fuzzed':20} {'cases':>9} {'taken':>8} {'refused':>9} {'seconds':>8}"]
    for name, count in counts.items():
        cases = count.taken + count.refused
        lines.append(f"{name:20} {cases:9} {count.taken:8} {count.refused:9} {count.seconds:8.1f}")
    total = sum(count.taken + count.refused for count in counts.values())
    return "\n".join([*lines, f"{total} cases in {seconds:.0f} s, seed {seed}: only documented errors came out", ""])


def again(path: Path) -> None:
    """Run a saved input with nothing caught."""
    with tempfile.TemporaryDirectory() as folder:
        name = re.sub(r"-", " ", path.name.rpartition(".")[0])
        target = next(target for target in (*DOORS, *importers(Path(folder))) if target.name == name)
        target.run(path.read_bytes())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fuzz the parsers.")
    parser.add_argument("cases", nargs="?", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=None, help="the same seed makes the same cases; none: by the time")
    parser.add_argument("--only", default="", help="targets whose name holds this")
    parser.add_argument("--again", type=Path, help="run one saved input")
    given_words = parser.parse_args()
    if given_words.again:
        again(given_words.again)
        sys.exit(0)
    chosen = int(time.time()) if given_words.seed is None else given_words.seed
    sys.exit(0 if watched(given_words.cases, chosen, given_words.only) else 1)
