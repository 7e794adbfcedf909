"""The index: every kept question finds its own entry, the nearest first, and leaves out what it is told to."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.text import Lexicon
from knowledge.vocabulary import Level

LEXICON = Lexicon.parse("")


def entry(key: str, *asked: str, counter: tuple[str, ...] = ()) -> KnownEntry:
    return KnownEntry(key, asked[0], key, "总则与机构", "全国", Level.A, "答", similar=asked[1:], counter=counter)


ENTRIES = (
    entry("park", "停车证怎么申请", "办停车证去哪", "小区停车位的证咋办", counter=("停车证丢了怎么补",)),
    entry("lost", "停车证丢了怎么补办", "停车证补一张要多少钱"),
    entry("pool", "游泳馆几点开门", "游泳馆周末开不开", counter=("图书馆几点开门",)),
)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(ENTRIES, LEXICON)


def keys(index: Index, text: str, limit: int = 10) -> list[str]:
    return [index.entries[hit.entry].key for hit in index.search(index.query(LEXICON.terms(text)), limit)]


@pytest.mark.parametrize("kept", ENTRIES)
def test_each_kept_question_finds_its_entry_first(index: Index, kept: KnownEntry) -> None:
    for text in (kept.standard, *kept.similar):
        hit = index.search(index.query(LEXICON.terms(text)))[0]
        assert index.entries[hit.entry] == kept
        assert index.asked[hit.row].text == text
        assert hit.likeness == pytest.approx(1, abs=1e-5)


def test_an_exact_hit_needs_no_punctuation_and_is_never_a_counter_question(index: Index) -> None:
    assert [asked.entry for asked in index.exact("停车证，怎么申请？")] == [0]
    assert index.exact("图书馆几点开门") == []


def test_the_likeness_of_a_counter_question_is_told_beside_the_hit(index: Index) -> None:
    hit = index.search(index.query(LEXICON.terms("图书馆几点开门")))[0]
    assert (index.entries[hit.entry].key, hit.counter > hit.likeness) == ("pool", True)


def test_a_row_left_out_is_not_found(index: Index) -> None:
    query = index.query(LEXICON.terms("停车证怎么申请"))
    row = index.search(query)[0].row
    assert all(hit.row != row for hit in index.search(query, without=row))


def test_strange_words_find_nothing(index: Index) -> None:
    assert keys(index, "zzz") == []
    assert Index((), LEXICON).search(Index((), LEXICON).query(LEXICON.terms("停车"))) == []


def test_the_limit_holds(index: Index) -> None:
    assert len(keys(index, "停车证游泳馆", 1)) == 1


def test_a_new_index_takes_over_what_was_analysed(index: Index) -> None:
    after = Index((*ENTRIES, entry("gym", "健身房多少钱")), LEXICON, before=index)
    assert after.asked[0].terms.words is index.asked[0].terms.words
    assert keys(after, "健身房多少钱")[0] == "gym"


@given(st.text("停车证游泳馆丢补办几点开门怎么去哪？ ab1", max_size=20))
def test_hits_are_ordered_bounded_and_the_same_every_time(index: Index, text: str) -> None:
    query = index.query(LEXICON.terms(text))
    hits = index.search(query)
    assert hits == index.search(query)
    assert [hit.likeness for hit in hits] == sorted((hit.likeness for hit in hits), reverse=True)
    assert all(0 < hit.likeness <= 1.0001 and index.asked[hit.row].entry == hit.entry for hit in hits)


def around(index: Index, entry: int, without: int = -1) -> Counter[int]:
    asked, told = index.around(entry, without)
    return Counter([*asked.tolist(), *asked.tolist(), *told.tolist()])


@given(st.text("停车证游泳馆几点开门补办怎么申请答", max_size=20))
def test_what_is_looked_up_at_once_is_what_stands_with_each_term(text: str) -> None:
    index = Index(ENTRIES, LEXICON)
    known = index.query(LEXICON.terms(text)).known
    table = index.beside_all([2, 0], known)
    assert table is not None
    for entry, row in zip((2, 0), table.tolist(), strict=True):
        stands = around(index, entry)
        assert row == [stands[number] for number in known.tolist()]


def test_a_kept_question_is_measured_by_what_its_text_says(index: Index) -> None:
    for row, asked in enumerate(index.asked):
        kept, terms = index.kept(row), LEXICON.terms(asked.text)
        assert (kept.row, kept.text, kept.said, kept.sound) == (row, asked.text, terms.text, terms.sound)
        assert [*kept.words] == [*dict.fromkeys(terms.words)]


def test_what_stands_around_an_entry_counts_its_own_questions_and_its_answer() -> None:
    index = Index([*ENTRIES[:1], replace(ENTRIES[1], answer="带上车证")], LEXICON)
    names = index.names()
    stands, without = around(index, 1), around(index, 1, without=4)
    # Both of its questions say 停车证; its answer says a part of that.
    assert [stands[names.index(term)] for term in ("u停", "u车", "u证", "b车证")] == [4, 5, 5, 5]
    assert [without[names.index(term)] for term in ("u停", "u车", "u证", "b车证")] == [2, 3, 3, 3]
