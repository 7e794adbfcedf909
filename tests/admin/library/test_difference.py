"""Both texts can be read from a difference, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from admin.library.difference import GONE, NEW, SAME, changes, pieces
from knowledge.base import Base

TEXT = st.text(alphabet="公积金贷款提取率是1.50%，。\n", max_size=60)


@given(old=TEXT, new=TEXT)
def test_what_stayed_and_went_is_the_old_text_what_stayed_and_came_the_new(old: str, new: str) -> None:
    found = list(pieces(old, new))
    assert "".join(text for mark, text in found if mark in (SAME, GONE)) == old
    assert "".join(text for mark, text in found if mark in (SAME, NEW)) == new
    assert all(text for _, text in found)


def test_words_are_not_torn_by_letters_they_share() -> None:
    found = list(pieces("现在是1.50%，自2016年起。", "现在是1.75%，自2026年起。"))
    assert found[:3] == [(SAME, "现在是"), (GONE, "1.50%"), (NEW, "1.75%")]
    assert (GONE, "2016") in found


def test_fields_are_named_in_chinese_and_the_same_is_no_change(small_base: Base) -> None:
    entry = small_base.entries[0]
    assert changes(entry, entry) == []
    more = entry.model_copy(update={"similar": (*entry.similar, "另一种问法"), "short": "改了"})
    found = changes(entry, more)
    assert [one.label for one in found] == ["短标签", "相似问"]
    assert found[1].rows == ((NEW, "另一种问法"),)
    assert found[1].kept == len(entry.similar)
    moved = entry.model_copy(update={"similar": entry.similar[::-1]})
    assert "顺序" in changes(entry, moved)[0].rows[0][1]


def test_everything_of_a_new_entry_is_new(small_base: Base) -> None:
    found = changes(None, small_base.entries[0])
    marks = {mark for one in found for mark, _ in (*one.pieces, *one.rows)}
    assert marks == {NEW}
