"""Figures within a text: filled, refused when they name nothing, never anything else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.report import tokens
from admin.report.prose import PLACES, WHOLE
from admin.report.values import NOT_RECORDED, Value, shown
from knowledge.errors import BadInputError
from tests.admin.report.conftest import Records

VALUES: dict[str, Value] = {"a.b": 7, "a.c": Decimal("2.5"), "a.none": NOT_RECORDED, "a.wan": 245000}
LABELS = dict.fromkeys(VALUES, "名称")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("共{{figure:a.b}}条", "共7条"),
        ("共{{ figure: a.b }}条", "共7条"),
        ("{{figure:a.b+a.c}}", "9.5"),
        ("{{figure:a.b+a.none}}", "未统计"),
        ("{{figure:a.wan|wan}}人", "24.5万人"),
        ("{{figure:a.none}}", "未统计"),
        ("{{figure:gone}}", "（待填写：没有指标 gone）"),
        ("{{ 7 * 7 }} {% if x %} {}", "{{ 7 * 7 }} {% if x %} {}"),
    ],
)
def test_a_token_is_its_figures_value(text: str, expected: str) -> None:
    assert tokens.filled(text, VALUES) == expected


@pytest.mark.parametrize(
    "text", ["{{figure:a.x}}", "{{figure:}}", "{{figure:a.b+}}", "{{figure:a.b}", "{figure:a.b}}", "{{figure a.b}}"]
)
def test_a_token_that_names_no_figure_or_is_broken_is_refused(text: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        tokens.check(f"前{text}后", LABELS)
    assert refusal.value.field == "text"


def test_the_refusal_names_figures_like_it() -> None:
    with pytest.raises(BadInputError, match=r"a\.wan（名称）"):
        tokens.check("{{figure:a.wen}}", LABELS)


@given(st.text(alphabet=st.sampled_from("{}figure:a.b+|wan 7\n条"), max_size=60))
def test_any_text_is_filled_or_refused_and_filling_leaves_no_known_token(text: str) -> None:
    try:
        tokens.check(text, LABELS)
    except BadInputError:
        return
    assert not tokens.TOKEN.search(tokens.filled(text, VALUES))


@pytest.mark.parametrize("part", PLACES)
async def test_the_wording_with_tokens_reads_as_the_wording_with_values(records: Records, part: str) -> None:
    """What an editor begins with, saved unchanged, gives the same paragraphs; so no figure in it is a typed number."""
    await records.line(quantity=5)
    await records.enter({"t3.new_received.natural": 0, "fee.yuan": "12.5", "reading.wechat_followers": 245000})
    before = await records.report(rows=False)
    assert before.writer is not None
    draft = before.writer.draft(part)
    await records.text(f"{part}{WHOLE}", draft)
    after = await records.report(rows=False)
    assert after.writer is not None
    assert after.writer.words(part) == before.writer.words(part)


async def test_a_saved_token_follows_the_figure(records: Records) -> None:
    await records.line(quantity=5)
    await records.text(f"problems{WHOLE}", "答复{{figure:ledger.board_reply}}条，经验不足。")
    assert "答复5条，经验不足。" in (await records.report()).sections[4].text
    await records.line(quantity=6)
    assert "答复11条，经验不足。" in (await records.report()).sections[4].text


@given(st.one_of(st.integers(0, 10**9), st.decimals(0, 10**6, places=4), st.just(NOT_RECORDED)))
def test_a_marked_value_reads_like_the_value(value: Value) -> None:
    marked = tokens.marked(value, "a.b")
    assert shown(marked) == shown(value)
    assert tokens.as_token(marked) == "{{figure:a.b}}"
