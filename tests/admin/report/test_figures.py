"""Figures from records: year edges, corrections, three values, totals, and the rows behind each."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from admin.report.build import Report
from admin.report.figures import registry
from admin.report.trace import trace
from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value, in_wan, shown, total
from knowledge.errors import BadInputError
from knowledge.vocabulary import Channel, LedgerKind, ReplyBy
from tests.admin.report.conftest import ENTERED, Records
from tests.conftest import BACKENDS

# 31 December 2023, 23:59:59 and 1 January 2024, 00:00:00, in Shanghai
LAST_SECOND = datetime(2023, 12, 31, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2023, 12, 31, 16, 0, 0, tzinfo=UTC)
REPLIES = "ledger.board_reply"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """What is counted by the database is counted on both."""
    return str(request.param)


def rows_add_up(report: Report, key: str) -> bool:
    figure = report.figures[key]
    return sum(row["quantity"] for row in figure.rows if not isinstance(row["quantity"], str)) == figure.value


async def value(records: Records, key: str, year: int = 2023) -> Value:
    return (await records.report(year)).figures[key].value


async def test_the_year_ends_at_midnight_in_shanghai(records: Records) -> None:
    last = await records.line(at=LAST_SECOND)
    first = await records.line(at=MIDNIGHT)
    await records.question(at=LAST_SECOND, code="A")
    await records.question(at=MIDNIGHT, code="B")
    for year, seq in ((2023, last), (2024, first)):
        report = await records.report(year)
        assert [row["id"] for row in report.figures[REPLIES].rows] == [seq]
        assert report.figures[REPLIES].value == 1
        assert report.figures["questions.received"].value == 1
    report = await records.report(2023)
    assert report.figures[REPLIES].rows[0]["day"] == "2023-12-31"
    assert report.made_at == LAST_SECOND


async def test_quantities_are_added_kind_by_kind(records: Records) -> None:
    await records.line(quantity=635)
    await records.line(quantity=2)
    await records.line(LedgerKind.WEIBO, quantity=293)
    report = await records.report()
    assert (report.figures[REPLIES].value, report.figures["ledger.weibo"].value) == (637, 293)
    assert rows_add_up(report, REPLIES)


async def test_a_correction_stands_in_place_of_the_line(records: Records) -> None:
    wrong = await records.line(quantity=635)
    right = await records.line(quantity=536, corrects=wrong, reason="看错")
    report = await records.report()
    assert report.figures[REPLIES].value == 536
    assert [row["id"] for row in report.figures[REPLIES].rows] == [right]


async def test_the_last_of_several_corrections_stands(records: Records) -> None:
    wrong = await records.line(quantity=10)
    second = await records.line(quantity=20, corrects=wrong)
    await records.line(quantity=30, corrects=second)
    await records.line(quantity=40, corrects=wrong)  # of the first again: 30 must not count beside it
    report = await records.report()
    assert report.figures[REPLIES].value == 40
    assert rows_add_up(report, REPLIES)


async def test_quantity_zero_withdraws_but_leaves_a_record(records: Records) -> None:
    wrong = await records.line()
    await records.line(quantity=0, corrects=wrong)
    assert await value(records, REPLIES) == 0


async def test_a_correction_can_move_a_line_to_another_year_and_kind(records: Records) -> None:
    wrong = await records.line(at=LAST_SECOND, quantity=5)
    await records.line(LedgerKind.WECHAT_REPLY, at=MIDNIGHT, quantity=5, corrects=wrong)
    assert await value(records, REPLIES) is NOT_RECORDED
    assert await value(records, "ledger.wechat_reply", 2024) == 5
    assert await value(records, REPLIES, 2024) is NOT_RECORDED


async def test_zero_unrecorded_and_not_applicable_are_three_values(records: Records) -> None:
    await records.enter({"ledger.weibo": 0, "ledger.app_post": NOT_APPLICABLE})
    report = await records.report()
    found = [report.figures[f"ledger.{kind}"].value for kind in ("weibo", "app_post", "hotline")]
    assert found == [0, NOT_APPLICABLE, NOT_RECORDED]
    assert [shown(each) for each in found] == ["0", "不适用", "未统计"]
    assert len(report.figures["ledger.weibo"].rows) == 1
    assert report.figures["ledger.hotline"].rows == ()


async def test_no_reply_is_zero_only_where_somebody_asked(records: Records) -> None:
    assert await value(records, REPLIES) is NOT_RECORDED
    await records.question(channel=Channel.API)
    assert await value(records, REPLIES) == 0
    assert await value(records, f"{REPLIES}.staff") == 0
    assert await value(records, "ledger.wechat_reply") is NOT_RECORDED
    assert await value(records, REPLIES, 2022) is NOT_RECORDED


async def test_replies_by_system_by_staff_and_in_bulk(records: Records) -> None:
    await records.question()
    await records.line(by=ReplyBy.SYSTEM.value, question_id=1)
    await records.line(by="zhang", question_id=1)
    await records.line(by="li", question_id=1)
    await records.line(by="import", quantity=100)
    report = await records.report()
    parts = [report.figures[f"{REPLIES}.{part}"].value for part in ("system", "staff", "bulk")]
    assert parts == [1, 2, 100]
    assert report.figures[REPLIES].value == 103
    assert all(rows_add_up(report, f"{REPLIES}{part}") for part in ("", ".system", ".staff", ".bulk"))


async def test_questions_are_counted_by_channel_and_their_words_stay_inside(records: Records) -> None:
    for code, channel in (("A", Channel.BOARD), ("B", Channel.API), ("C", Channel.WECHAT)):
        await records.question(channel=channel, code=code)
    report = await records.report()
    keys = ("questions.received", "questions.board", "questions.wechat")
    assert [report.figures[key].value for key in keys] == [3, 2, 1]
    assert {row["title"] for row in report.figures["questions.received"].rows} == {"咨询"}


async def test_the_latest_reading_of_the_year_counts(records: Records) -> None:
    for day, count in ((date(2023, 6, 30), 2000), (date(2023, 12, 31), 2088), (date(2024, 1, 1), 2100)):
        await records.reading("reading.weibo_followers", day, count)
    report = await records.report()
    assert report.figures["reading.weibo_followers"].value == 2088
    assert [row["day"] for row in report.figures["reading.weibo_followers"].rows] == ["2023-12-31"]
    assert await value(records, "reading.weibo_followers", 2022) is NOT_RECORDED


async def test_the_latest_entry_of_a_cell_counts(records: Records) -> None:
    await records.enter({"t2.fee.amount": "59237.2449"})
    await records.enter({"t2.fee.amount": "59237.2450"}, at=ENTERED - timedelta(days=1))
    assert await value(records, "t2.fee.amount") == Decimal("59237.2449")
    await records.enter({"t2.fee.amount": 3}, at=ENTERED + timedelta(days=1))
    found = await value(records, "t2.fee.amount")
    assert (found, type(found)) == (3, int)


APPLICANTS = ("natural", "commercial", "research", "welfare", "legal", "other")


async def test_a_total_is_reckoned_from_its_parts(records: Records) -> None:
    await records.enter({f"t3.new_received.{who}": count for who, count in zip(APPLICANTS, range(1, 7), strict=True)})
    await records.enter({"t3.new_received.total": 22})
    figure = (await records.report()).figures["t3.new_received.total"]
    assert (figure.value, figure.declared) == (21, 22)
    assert [row["quantity"] for row in figure.rows] == [1, 2, 3, 4, 5, 6]


async def test_a_total_with_a_missing_part_is_what_was_declared(records: Records) -> None:
    await records.enter({f"t3.new_received.{who}": 1 for who in APPLICANTS[:5]})
    assert await value(records, "t3.new_received.total") is NOT_RECORDED
    await records.enter({"t3.new_received.total": 9})
    figure = (await records.report()).figures["t3.new_received.total"]
    assert (figure.value, [row["quantity"] for row in figure.rows]) == (9, [9])


async def test_a_report_without_rows_has_the_same_values(records: Records) -> None:
    wrong = await records.line(quantity=7)
    await records.line(quantity=3, corrects=wrong)
    await records.line(by=ReplyBy.SYSTEM.value)
    await records.question()
    full, short = await records.report(), await records.report(rows=False)
    assert full.values == short.values
    assert full.figures[REPLIES].rows
    assert not short.figures[REPLIES].rows


async def test_control_characters_are_left_out(records: Records) -> None:
    await records.line(title="答\x01复\x0b一\u3000条", source="\x1b[31m来源")
    row = (await records.report()).figures[REPLIES].rows[0]
    assert (row["title"], row["source"]) == ("答复一\u3000条", "[31m来源")


async def test_trace_shows_rule_value_and_rows(records: Records) -> None:
    await records.line(title="答复第 1 号留言：提取[bold]多久到账", source="withdraw.time", quantity=3)
    text = trace(await records.report(), REPLIES)
    assert "名称：在线留言回复" in text
    assert "口径：统计期内" in text
    assert "数值：3条（2023年）" in text
    assert "[bold]多久到账" in text
    assert "withdraw.time" in text
    assert "依据的记录：没有" in trace(await records.report(), "ledger.weibo")
    assert "数值：未统计（2023年）" in trace(await records.report(), "ledger.weibo")


async def test_an_unknown_figure_is_refused_with_those_like_it(records: Records) -> None:
    with pytest.raises(BadInputError, match="没有指标 board_reply") as refusal:
        trace(await records.report(), "board_reply")
    assert "ledger.board_reply（在线留言回复）" in str(refusal.value)
    with pytest.raises(BadInputError, match=r"ledger\.weibo"):
        trace(await records.report(), "微博")


def test_every_figure_says_how_it_is_counted() -> None:
    keys = [definition.key for definition in registry()]
    assert len(keys) == len(set(keys))
    assert {f"ledger.{kind.value}" for kind in LedgerKind} <= set(keys)
    assert all(definition.label and definition.unit and definition.rule.endswith("。") for definition in registry())


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([1, 2], 3),
        ([0, 0], 0),
        ([1, Decimal("0.5")], Decimal("1.5")),
        ([1, NOT_RECORDED], NOT_RECORDED),
        ([1, NOT_APPLICABLE], NOT_RECORDED),
        ([NOT_APPLICABLE, NOT_APPLICABLE], NOT_APPLICABLE),
    ],
)
def test_sums_of_values_that_are_not_all_numbers(parts: list[Value], expected: Value) -> None:
    assert total(parts) == expected


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2088, "2088"),
        (9000, "9000"),
        (245000, "24.5万"),
        (245100, "245100"),
        (300000, "30万"),
        (NOT_RECORDED, "未统计"),
    ],
)
def test_ten_thousands_are_never_rounded(number: Value, words: str) -> None:
    assert in_wan(number) == words
