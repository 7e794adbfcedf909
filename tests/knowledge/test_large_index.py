"""A large index: chooses candidates, takes changes in without being built again, and starts from disk.

Made small here: an index is told from how many questions on it is large.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import index_store
from knowledge.entries import KnownEntry
from knowledge.index import Hit, Index
from knowledge.text import Lexicon
from knowledge.vocabulary import Level

LEXICON = Lexicon.parse("停车证: 停车卡 | | 停車正\n")
PLACES = ["东湖", "西山", "南港", "北桥", "柳林", "松岭", "梅园", "竹溪"]
THINGS = ["停车证", "游泳卡", "借书证", "摊位", "路灯", "班车", "充电桩", "菜园"]
ASKS = ["要带什么材料", "多少钱一次", "多久能办好", "去哪里办理", "什么人可以办", "网上能不能办"]
TEXTS = st.lists(st.sampled_from([*PLACES, *THINGS, *ASKS, "的", "了", "？", "鑫"]), max_size=6).map("".join)


def entry(key: str, *asked: str, counter: tuple[str, ...] = ()) -> KnownEntry:
    return KnownEntry(key, asked[0], key, "总则与机构", "全国", Level.A, "答", similar=asked[1:], counter=counter)


ENTRIES = tuple(
    entry(f"{p}{t}{a}", f"{p}{t}{a}", f"在{p}，{t}{a}", counter=(f"{p}{t}丢了{a}",) if t == "停车证" else ())
    for p in PLACES
    for t in THINGS
    for a in ASKS
)


@pytest.fixture(scope="module")
def dense() -> Index:
    return Index(ENTRIES, LEXICON)


@pytest.fixture(scope="module")
def large() -> Index:
    return Index(ENTRIES, LEXICON, dense=0)


def search(index: Index, text: str, **how: object) -> list[Hit]:
    return index.search(index.query(LEXICON.terms(text)), 8, **how)  # type: ignore[arg-type]


def alike(hits: Sequence[Hit]) -> list[float]:
    return [round(hit.likeness, 4) for hit in hits]


@given(TEXTS)
def test_candidates_hold_what_comparing_all_finds(dense: Index, large: Index, text: str) -> None:
    """With a budget that all terms fit in, only equally alike entries may differ."""
    exact, found = search(dense, text), search(large, text)
    assert alike(found) == pytest.approx(alike(exact), abs=2e-4)
    told = {hit.entry: hit for hit in search(dense, text) + dense.search(dense.query(LEXICON.terms(text)), 1000)}
    for hit in found:
        assert hit.likeness == pytest.approx(told[hit.entry].likeness, abs=1e-4)
        assert (hit.counter, hit.second) == pytest.approx((told[hit.entry].counter, told[hit.entry].second), abs=1e-4)


@given(TEXTS, st.integers(2, 7), st.integers(0, 6))
def test_wanted_entries_are_found_however_few_they_are(
    dense: Index, large: Index, text: str, one_in: int, at: int
) -> None:
    wanted = np.arange(len(ENTRIES)) % (one_in * 20) == at
    exact, found = search(dense, text, wanted=wanted), search(large, text, wanted=wanted)
    assert alike(found)[:1] == pytest.approx(alike(exact)[:1], abs=2e-4)


@given(st.integers(0, len(ENTRIES) * 2 - 1))
def test_a_row_left_out_is_not_found(dense: Index, large: Index, row: int) -> None:
    text = large.asked[row].text
    assert text == dense.asked[row].text
    hits = search(large, text, without=row)
    assert all(hit.row != row for hit in hits)
    assert alike(hits) == pytest.approx(alike(search(dense, text, without=row)), abs=2e-4)


def found_keys(index: Index, text: str) -> list[str]:
    return [index.entries[hit.entry].key for hit in search(index, text)]


def test_a_changed_entry_is_found_and_its_old_text_no_longer(large: Index) -> None:
    old, new = ENTRIES[7], entry(ENTRIES[7].key, "水族馆周几闭馆", "海豚表演几点")
    after = large.renewed([new if one is old else one for one in ENTRIES if one is not ENTRIES[9]])
    assert found_keys(after, "水族馆周几闭馆呢")[0] == old.key
    assert [after.entries[asked.entry] for asked in after.exact("水族馆周几闭馆")] == [new]
    for gone in (old, ENTRIES[9]):
        assert after.exact(gone.standard) == []
        assert not {id(after.entries[hit.entry]) for hit in search(after, gone.standard)} & {id(gone)}
    assert large.exact(old.standard)[0].text == old.standard
    assert found_keys(large, old.standard)[0] == old.key


@settings(max_examples=20)
@given(st.sets(st.integers(0, len(ENTRIES) - 1), max_size=6), st.sets(st.integers(0, 383), max_size=6), TEXTS)
def test_settled_anew_it_is_as_if_built_anew(large: Index, changed: set[int], gone: set[int], text: str) -> None:
    now = [
        replace(one, standard=f"{one.standard}鑫{at}") if at in changed else one
        for at, one in enumerate(ENTRIES)
        if at not in gone
    ]
    settled, fresh = large.renewed(now).settled_anew(now), Index(now, LEXICON)
    assert settled.entries == fresh.entries
    assert sorted(settled.names()) == sorted(fresh.names())
    assert alike(search(settled, text)) == pytest.approx(alike(search(fresh, text)), abs=2e-4)
    assert [asked.row for asked in settled.exact(now[0].standard)] == [a.row for a in fresh.exact(now[0].standard)]
    assert settled.numbered({"b停车": 2.5, "b没有": 1.0}).sum() == pytest.approx(2.5)


def test_only_much_change_asks_for_settling(large: Index) -> None:
    assert not large.renewed([*ENTRIES, entry("new", "水族馆周几闭馆")]).unsettled
    assert large.renewed([*ENTRIES, entry("new", *(f"水族馆周几闭馆{at}" for at in range(2001)))]).unsettled


@pytest.fixture
def stored(tmp_path: Path, large: Index) -> Path:
    """A folder with the stored index."""
    assert index_store.save(tmp_path, large, 3)
    return tmp_path


def test_a_stored_index_finds_the_same(stored: Path, large: Index) -> None:
    loaded = index_store.load(stored, ENTRIES, LEXICON, 3, 0)
    assert loaded
    for at in random.Random(3).sample(range(len(ENTRIES)), 20):
        text = ENTRIES[at].similar[0]
        assert alike(search(loaded, text)) == alike(search(large, text))
        assert [asked.text for asked in loaded.exact(text)] == [text]
    assert index_store.save(stored, loaded, 3)


def test_an_index_of_anything_else_is_not_loaded(stored: Path) -> None:
    other = (replace(ENTRIES[0], standard="别的问题"), *ENTRIES[1:])
    moved = (replace(ENTRIES[0], similar=(), counter=ENTRIES[0].similar + ENTRIES[0].counter), *ENTRIES[1:])
    assert index_store.load(stored, ENTRIES, LEXICON, 4) is None
    assert index_store.load(stored, other, LEXICON, 3) is None
    assert index_store.load(stored, moved, LEXICON, 3) is None
    assert index_store.load(stored, ENTRIES, Lexicon.parse(""), 3) is None
    assert index_store.load(stored / "none", ENTRIES, LEXICON, 3) is None


@pytest.mark.parametrize("name", [f"{name}.npy" for name in index_store.ARRAYS] + ["names.txt", "sums.txt"])
@pytest.mark.parametrize("how", ["cut", "turned", "gone", "empty"])
def test_a_damaged_file_is_ignored(stored: Path, name: str, how: str) -> None:
    (file,) = stored.rglob(name)
    content = file.read_bytes()
    at = len(content) - 3
    turned = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    file.unlink()
    if how != "gone":
        file.write_bytes({"cut": content[:-5], "turned": turned, "empty": b""}[how])
    assert index_store.load(stored, ENTRIES, LEXICON, 3) is None


def test_a_newer_store_takes_the_place_of_the_older(stored: Path, large: Index) -> None:
    assert index_store.save(stored, large, 4)
    assert index_store.load(stored, ENTRIES, LEXICON, 4)
    assert len(list((stored / index_store.FOLDER).iterdir())) == 1


def test_where_nothing_can_be_written_nothing_fails(tmp_path: Path, large: Index) -> None:
    (tmp_path / index_store.FOLDER).write_text("a file where the folder should be", "utf-8")
    assert not index_store.save(tmp_path, large, 3)
    assert index_store.load(tmp_path, ENTRIES, LEXICON, 3) is None
