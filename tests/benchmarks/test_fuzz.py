"""A small slice of the fuzzing, always the same cases; and that the fuzzer would notice."""

from pathlib import Path

import pytest

from tests.benchmarks import fuzz as fuzzing
from tests.benchmarks.fuzz import Finding, fuzz, one
from tests.benchmarks.fuzz_importers import importers
from tests.benchmarks.fuzz_targets import DOORS, Target

CASES, SEED = 4000, 20261123
NAMES = [target.name for target in DOORS]


def test_only_documented_errors_come_out(tmp_path: Path) -> None:
    counts = fuzz((*DOORS, *importers(tmp_path)), CASES, SEED)
    assert sum(count.taken + count.refused for count in counts.values()) >= CASES * 0.98
    assert not [name for name, count in counts.items() if not count.taken]


def test_every_first_sample_is_taken(tmp_path: Path) -> None:
    assert not [target.name for target in (*DOORS, *importers(tmp_path)) if not one(target, target.samples[0])]


def test_the_same_seed_makes_the_same_cases() -> None:
    seen: list[list[bytes]] = [[], []]
    for cases in seen:
        fuzz([Target("any", cases.append, (), 1, (b"sample", b"another"))], 300, SEED)
    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 200


def test_another_error_is_a_finding_with_its_input(tmp_path: Path) -> None:
    def weak(data: bytes) -> None:
        if b"\xff" in data:
            raise ValueError("cannot bear it")

    with pytest.raises(Finding) as found:
        fuzz([Target("weak parser", weak, (KeyError,), 1, (b"sound",))], 5000, SEED)
    path = found.value.save(tmp_path / "found")
    assert b"\xff" in path.read_bytes()
    assert path.name.startswith("weak-parser.")
    assert "ValueError: cannot bear it" in str(found.value)


def test_a_case_that_takes_too_long_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "SECONDS_MAX", -1.0)
    with pytest.raises(Finding, match="took"):
        one(Target("slow", len, (), 1, (b"sample",)), b"sample")
