"""Fuzzing led by what the code does with the input: python -m tests.benchmarks.fuzz_guided TARGET [libFuzzer options]

atheris keeps what reaches new branches and goes on from there. It has wheels for few platforms, so it is no part of
the development environment: `pip install -e .[fuzz]` in one of your own. Ends with a finding, or with -max_total_time=60.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bot", "knowledge", "admin"]):
    from tests.benchmarks.fuzz import one
    from tests.benchmarks.fuzz_importers import importers
    from tests.benchmarks.fuzz_targets import DOORS


def main() -> None:
    """Fuzz one target, from its samples on."""
    with tempfile.TemporaryDirectory() as folder:
        targets = {target.name: target for target in (*DOORS, *importers(Path(folder)))}
        if len(sys.argv) < 2 or sys.argv[1] not in targets:
            raise SystemExit(f"one of: {', '.join(targets)}")
        target, corpus = targets[sys.argv[1]], Path(folder) / "corpus"
        corpus.mkdir()
        for number, sample in enumerate(target.samples):
            (corpus / str(number)).write_bytes(sample)

        def case(data: bytes) -> None:
            one(target, data)

        atheris.Setup([sys.argv[0], *sys.argv[2:], str(corpus)], case)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
