"""Taking a message apart: what asks is found, story and politeness are not, and no word is made up or lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.split import MOST, follows, single, split, with_topic

WORDS = st.sampled_from(
    [
        "\n",
        "你好",
        "请问",
        "我想问一下",
        "租房",
        "提取",
        "公积金",
        "贷款",
        "材料",
        "多少",
        "怎么办",
        "吗",
        "呢",
        "另外",
        "还有",
        "是真的吗",
        "我妈",
        "去年",
        "3,600元",
        "不知道",
        "1、",
        "2.",
        "（3）",
        "第一，",
        "？",
        "?",
        "。",
        "，",
        "；",
        "：",
        "好的",
        "谢谢",
        "abc",
    ]
)
MESSAGES = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=60)
POLITE = re.compile("[你您]好|大家好|[在有]吗|谢谢|好的|请问|[^\u4e00-\u9fff]")


@given(MESSAGES)
def test_every_word_of_a_part_is_the_message_s_own(message: str) -> None:
    for part in split(message).parts:
        assert part.said in message
        assert part.text.endswith(part.said)
        lent = part.text.removesuffix(part.said).strip()
        assert all(character in message for character in lent)


@given(MESSAGES)
def test_the_parts_are_few_in_their_order_and_none_twice(message: str) -> None:
    found = split(message)
    assert len(found.parts) <= MOST
    at = 0
    for part in found.parts:
        at = message.index(part.said, at) + len(part.said)


@given(
    st.lists(
        st.sampled_from(["租房能提多少", "要什么材料", "楼下的树是谁种的", "这样合法", "我妈的钱呢"]),
        min_size=1,
        max_size=8,
    )
)
def test_no_sentence_with_a_question_mark_is_lost(sentences: list[str]) -> None:
    found = split("您好。我刚来。" + "".join(f"{sentence}？" for sentence in sentences))
    assert found.many == (len(sentences) > MOST)
    assert [part.said for part in found.parts] == sentences[:MOST]


@given(MESSAGES)
def test_the_end_of_every_questioned_sentence_is_in_a_part(message: str) -> None:
    found = split(message)
    said = "".join(part.said for part in found.parts)
    for sentence in re.findall("([^。！!；;…\n？?]*)[？?]", message):
        last = POLITE.sub("", re.split("[，：,:]|请问|想问|另外|还有", sentence)[-1])
        assert found.many or not last or last[-1] in said


@given(MESSAGES)
def test_what_is_told_to_be_one_clause_asks_one_thing_at_most(message: str) -> None:
    found = split(message)
    if single(message):
        assert len(found.parts) <= 1
        assert not found.many


def test_a_lead_is_no_clause_of_its_own_and_a_second_question_is() -> None:
    assert single("请问租房能提多少？")
    assert not single("租房能提多少，要什么材料")


@given(MESSAGES)
def test_the_same_message_is_taken_apart_alike(message: str) -> None:
    assert split(message) == split(message)


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("我在威海租房。可以提取公积金吗？需要什么材料？", ["租房 可以提取公积金吗", "租房提取公积金 需要什么材料"]),
        (
            "你好我想问一下那个租房提取能提多少啊另外还有那个材料要带什么",
            ["租房提取能提多少啊", "租房提取 材料要带什么"],
        ),
        (
            "请问：1、租房提取需要什么材料 2、提取几天到账 3、贷款利率",
            ["租房提取需要什么材料", "租房 提取几天到账", "贷款利率"],
        ),
        ("第一，公积金贷款额度多少；第二，怎么还款", ["公积金贷款额度多少", "公积金 怎么还款"]),
        ("想问公积金贷款要什么条件。顺便问一下利率多少。谢谢！", ["公积金贷款要什么条件", "公积金 利率多少"]),
        ("听同事说现在可以按月提公积金，是真的吗？", ["听同事说现在可以按月提公积金，是真的吗"]),
        ("我不知道账户里有多少钱。请问怎么查余额？", ["怎么查余额"]),
        ("下个月退休\n公积金怎么取\n要带什么", ["退休 公积金怎么取", "退休取公积金 要带什么"]),
        ("租房和买房都想办，装修呢？材料要哪些？", ["租房和买房都想办，装修呢", "装修 材料要哪些"]),
        ("同事问公寓能不能提公积金，请解答。契税多少？", ["同事问公寓能不能提公积金", "提公积金 契税多少"]),
        ("您好！在吗？谢谢", []),
        ("租房提取", []),
    ],
)
def test_what_a_message_asks(message: str, asked: list[str]) -> None:
    assert [part.text for part in split(message).parts] == asked


def test_what_is_not_asked_is_the_story() -> None:
    assert split("我妈去年在青岛住院。请问大病能提取公积金吗？").story.startswith("我妈去年在青岛住院")


def test_a_place_filled_in_two_ways_lends_nothing() -> None:
    assert split("租房买房都能提公积金吗？要什么材料？").parts[1].text == "提公积金 要什么材料"


def test_a_clause_about_something_unknown_is_lent_nothing() -> None:
    assert split("租房能提公积金吗？大厅门口的石狮子是谁捐的？").parts[1].text == "大厅门口的石狮子是谁捐的"


def test_a_very_long_message_is_taken_apart_in_one_pass() -> None:
    assert (
        split("我在威海租房，房租一个月2500，" * 2000 + "请问能提多少公积金？")
        .parts[-1]
        .said.endswith("能提多少公积金")
    )


@pytest.mark.parametrize(
    "text", ["那需要什么材料", "要带什么材料", "那买房呢", "还能提多少", "另外几天到账？", "多久能批下来"]
)
def test_a_bare_follow_up(text: str) -> None:
    assert follows(text)


@pytest.mark.parametrize(
    "text", ["好的谢谢", "公积金贷款利率是多少", "买房能提多少", "还款方式有哪些", "租房提取要什么材料", "2", "那" * 40]
)
def test_what_stands_on_its_own(text: str) -> None:
    assert not follows(text)


@pytest.mark.parametrize(
    ("topic", "text", "read"),
    [
        ("租房提取公积金一年最多能提多少？", "那要什么材料", "租房提取公积金 那要什么材料"),
        ("租房提取公积金一年最多能提多少？", "那买房呢", "提取公积金 那买房呢"),
        ("租房还是买房可以提取？", "要什么材料", "提取 要什么材料"),
        ("窗口几点上班", "那周末呢", "窗口几点上班 那周末呢"),
        ("", "那周末呢", "那周末呢"),
    ],
)
def test_a_follow_up_is_read_with_what_it_does_not_say(topic: str, text: str, read: str) -> None:
    assert with_topic(topic, text) == read
