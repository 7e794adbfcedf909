"""In force on a day: the arrays say of every entry what the entry itself says."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import Basis, KnownEntry
from knowledge.validity import Validity
from knowledge.vocabulary import Level

FIRST = date(2026, 1, 1)
NEAR = st.integers(0, 6).map(lambda days: FIRST + timedelta(days))
DAYS = st.none() | NEAR | st.sampled_from([date.min, date.max])
BASIS = st.builds(lambda one, two: Basis("规定", "", "第一条", "", valid_from=one, valid_until=two), DAYS, DAYS)
ENTRIES = st.builds(
    lambda one, two, basis, region: KnownEntry(
        "k", "停车证", "", "总则与机构", region, Level.A, "答", basis=tuple(basis), valid_from=one, valid_until=two
    ),
    DAYS,
    DAYS,
    st.lists(BASIS, max_size=3),
    st.sampled_from(["全国", "东湖", ""]),
)


@given(st.lists(ENTRIES, max_size=8), NEAR | st.sampled_from([date.min, date.max]))
def test_the_arrays_say_what_each_entry_says(entries: list[KnownEntry], day: date) -> None:
    validity = Validity(entries)
    assert validity.in_force(day).tolist() == [entry.in_force(day) for entry in entries]
    assert validity.of({"东湖", "西山"}).tolist() == [entry.region in {"东湖", "西山"} for entry in entries]
