"""Layout: the best of each entry is found in a table as in ranges, however many questions each has."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.layout import Layout

SIZES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=12)


@given(SIZES, st.booleans())
def test_the_best_of_each_entry_and_what_is_its_own(sizes: list[tuple[int, int]], uneven: bool) -> None:
    # One entry of very many questions among small ones makes a table too large to be worth its while.
    sizes = [*sizes, *[(1, 0)] * 20, (100, 0)] if uneven else sizes
    own, counters = np.array([one for one, _ in sizes], np.int32), np.array([more for _, more in sizes])
    likeness = np.random.default_rng(len(sizes)).random(int((own + counters).sum()), np.float32)
    layout = Layout(own, counters)
    assert not (uneven and layout.tabled)
    best, first = layout.best(likeness), 0
    for at, (one, more) in enumerate(sizes):
        values = likeness[first : first + one + more].tolist()
        assert layout.of(likeness, at) == (values[:one], values[one:])
        assert float(best[at]) == max(values[:one])
        first += one + more
