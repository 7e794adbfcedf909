"""Comparers: each mismatch is named, and what asks the same is not vetoed."""

import pytest

from bot.answer.compare import compare, side
from bot.answer.signs import signs


def vetoes(asked: str, kept: str, own: frozenset[str] = frozenset()) -> tuple[str, ...]:
    return compare(side(asked, signs(asked), own), kept, own)


@pytest.mark.parametrize(
    ("asked", "kept", "word"),
    [
        ("自己盖房能贷公积金吗", "自己盖房能提取公积金吗", "贷款"),
        ("公积金怎么转入", "公积金怎么转出", "转出"),
        ("缴存基数上限是多少", "缴存基数下限是多少", "下限"),
        ("公积金封存了怎么办", "公积金启封怎么办", "启封"),
        ("租房提取要多久到账", "租房提取能提多少", "多久"),
        ("租房提取去哪里办", "租房提取要什么材料", "在哪里"),
        ("几天能下来", "贷款几天能下来", "贷款"),
        ("大连租房能取公积金吗", "租房能取公积金吗", "大连"),
    ],
)
def test_what_does_not_ask_the_same_is_vetoed_in_words(asked: str, kept: str, word: str) -> None:
    found = vetoes(asked, kept)
    assert found
    assert any(word in veto for veto in found)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("租房一年能取多少公积金", "租房提取公积金一年最多多少"),
        ("公积金贷款额度最高多少", "公积金贷款最多能贷多少"),
        ("从大连怎么把公积金转过来", "外地公积金怎么转过来"),
        ("公积金缴存比例是多少", "公积金交多少比例"),
    ],
)
def test_what_asks_the_same_is_not_vetoed(asked: str, kept: str) -> None:
    assert vetoes(asked, kept) == ()


def test_the_name_of_the_own_city_goes_without_saying() -> None:
    assert vetoes("威海租房能取公积金吗", "租房能取公积金吗", frozenset({"威海"})) == ()
