"""Text: what is written differently and means the same becomes the same."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import KINDS, SOUND, WORD, Lexicon, bare, normalise, sounds

VOCABULARY = """# 注释行
住房公积金: 公积金 | gjj | 公鸡金, 公基金!
提取: 支取, 领取 | 取, 弄出来 | 题取, tiqu
逾期: 拖欠 | 晚还了 | 预期!, 余期
"""
PINNED = json.loads(Path(__file__).with_name("pinned_terms.json").read_text("utf-8"))
CHINESE = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from("a1，。？ ％％9x"), max_size=40
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.parse(VOCABULARY)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＡＢＣ１２％", "abc12%"),
        ("貸款還清後辦證", "贷款还清後办证"),
        ("连续缴存三个月", "连续缴存3个月"),
        ("二十五年", "25年"),
        ("一百二十万", "120万"),
        ("第二套房", "第二套房"),
        ("  多   空格 \n", "多 空格"),
    ],
)
def test_writings_of_the_same_become_the_same(written: str, read: str) -> None:
    assert normalise(written) == read


@given(CHINESE)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_an_exact_hit_ignores_punctuation_and_spaces() -> None:
    assert bare("租房 能取多少？") == bare("租房能取多少") != bare("租房能取几次")


def test_misspellings_are_put_right_but_ambiguous_ones_are_not(lexicon: Lexicon) -> None:
    assert lexicon.corrected("公鸡金怎么题取") == "公积金怎么提取"
    assert lexicon.corrected("公基金预期了") == "公基金预期了"


def test_a_misspelling_becomes_the_word_of_its_own_length(lexicon: Lexicon) -> None:
    assert lexicon.corrected("余期三天") == "逾期3天"


def test_spoken_and_standard_words_are_one_concept(lexicon: Lexicon) -> None:
    assert {"c提取", "c住房公积金"} <= set(lexicon.terms("gjj怎么弄出来").terms) & set(
        lexicon.terms("公积金支取").terms
    )


def test_pinyin_in_letters_sounds_like_the_characters(lexicon: Lexicon) -> None:
    typed = {term for term in lexicon.terms("zufang").terms if term[0] == SOUND}
    written = {term for term in lexicon.terms("租房").terms if term[0] == SOUND}
    assert typed == written == {"pzufang"}


def test_letters_that_are_no_pinyin_have_no_sound() -> None:
    assert sounds("python") == []


@pytest.mark.parametrize(
    ("char", "syllable"), [("贷", "dai"), ("缴", "jiao"), ("女", "nv"), ("略", "lve"), ("座", "zuo"), ("啊", "a")]
)
def test_common_characters_have_their_sound(char: str, syllable: str) -> None:
    assert sounds(char) == [syllable]


def test_an_empty_vocabulary_is_enough() -> None:
    terms = Lexicon.parse("").terms("公积金贷款额度")
    assert "w贷款额度" in terms.terms
    assert {term[0] for term in terms.terms} <= set(KINDS)


def test_nothing_said_has_no_terms(lexicon: Lexicon) -> None:
    assert lexicon.terms("？？！😂").terms == ()


def test_a_lexicon_is_told_by_its_digest(lexicon: Lexicon) -> None:
    assert lexicon.digest == Lexicon.parse(VOCABULARY).digest != Lexicon.parse(VOCABULARY + "冲还: 冲抵").digest


@pytest.mark.parametrize("row", PINNED["rows"], ids=lambda row: row["asked"][:12])
def test_terms_of_a_text_never_change(row: dict[str, str]) -> None:
    """Weights are kept by term: a term that is written otherwise after a change would weigh nothing."""
    terms = Lexicon.parse(PINNED["vocabulary"]).terms(row["asked"])
    assert (terms.plain, terms.text, terms.sound) == (row["plain"], row["text"], row["sound"])
    assert (" ".join(terms.words), " ".join(terms.terms)) == (row["words"], row["terms"])


@given(CHINESE)
def test_terms_stand_once_and_always_the_same(text: str) -> None:
    lexicon = Lexicon.parse(VOCABULARY)
    terms = lexicon.terms(text)
    assert len(set(terms.terms)) == len(terms.terms)
    assert lexicon.terms(text) == terms
    assert all(term[1:] for term in terms.terms)
    assert {WORD + word for word in terms.words} <= set(terms.terms)


def test_a_line_without_a_word_is_left_out() -> None:
    assert Lexicon.parse(":租房\n。: 买房\n租房: 赁房").corrected("赁房") == Lexicon.parse("租房: 赁房").corrected(
        "赁房"
    )
