"""What blocks a change and what needs a reason, said on the form with everything typed."""

import pytest

from bot.service import Service
from knowledge import masking
from knowledge.tables import Proposal
from tests.admin.conftest import Visitor, rows
from tests.admin.library.conftest import NEW_ENTRY, RATE, form_of

EDIT = f"/library/entries/{RATE}/edit"
BLOCKED = [
    ({"policy0": "tiaoli-2026", "article0": "第三条", "quote0": "这句话文件里没有"}, "存文里找不到"),
    ({"policy0": "no-such-policy"}, "不存在"),
    ({"policy0": "", "policy1": "", "article0": "", "quote0": ""}, "依据"),
    ({"answer": "请打电话13812345678。"}, "手机号"),
    ({"answer": "身份证11010519491231002X的人可以。"}, "身份证号"),
    ({"answer": "请打138****5678。"}, "星号"),
    ({"similar": "只有\n两个"}, "至少要 6 项"),
    ({"standard": "威海无房职工租房提取住房公积金，一年最多能提多少"}, "已属于条目 withdrawal.rent.limit.2026"),
    ({"topic": "没有的主题"}, "topic 只能是"),
    ({"valid_from": "2026-13-01"}, "日期"),
    ({"valid_from": "2026-10-01", "valid_until": "2026-09-01"}, "早于"),
    ({"short": "一二三四五六七八九十一二三四五六七"}, "最多 16"),
    ({"superseded_by": "no.such.entry"}, "接替条目 no.such.entry 不存在"),
    ({"facts": "一百"}, "只能填整数"),
    ({"level": "Z"}, "请选择"),
    ({"key": "大写"}, "小写字母"),
    ({"answer": "坏\x00字"}, "控制字符"),
    ({"why": ""}, "请写明修改的理由"),
]


@pytest.mark.parametrize(("changed", "sentence"), BLOCKED)
async def test_errors_block_and_lose_nothing(
    changed: dict[str, str], sentence: str, clerk: Visitor, service: Service
) -> None:
    fields = NEW_ENTRY | changed
    response = await clerk.post("/library/new", None, **fields)
    page = await response.text()
    assert response.status == 422
    assert sentence in page
    assert await rows(service, Proposal) == []
    again = form_of(page, "/library/new")
    for name in ("standard", "answer", "similar", "why", "reason", "key"):
        if "\x00" not in fields[name]:
            assert again[name] == fields[name], name


WARNED = [
    ({}, "没有引文"),
    ({"similar": NEW_ENTRY["similar"] + "\n公积金存着给几厘利息呢"}, "可能矛盾"),
    ({"valid_from": "1990-01-01"}, "有效期超出依据"),
    ({"answer": "您好，张女士，不能。"}, "称呼某个人"),
]


@pytest.mark.parametrize(("changed", "sentence"), WARNED)
async def test_warnings_need_a_reason(
    changed: dict[str, str], sentence: str, clerk: Visitor, reviewer: Visitor, service: Service
) -> None:
    fields = NEW_ENTRY | {"quote0": "", "quote1": ""} | changed
    response = await clerk.post("/library/new", None, **(fields | {"reason": ""}))
    page = await response.text()
    assert response.status == 422
    assert sentence in page
    assert "请写明对提醒的说明" in page
    response = await clerk.post("/library/new", None, **fields)
    assert response.status == 303
    [row] = await rows(service, Proposal)
    assert any(sentence in one for one in row.warnings)
    page = await reviewer.page(f"/library/proposals/{row.id}")
    assert fields["reason"] in page


async def test_questions_the_engine_confuses_are_told(clerk: Visitor, service: Service) -> None:
    fields = NEW_ENTRY | {
        "standard": "公积金账户的存款利率有多少？",
        "similar": "公积金存款利率\n账户里的存款利率是多少啊\n住房公积金存款的利率是百分之几\n公积金账户利率现在是多少\n公积金一年的利息有多少\n公积金余额年利率多少",
    }
    response = await clerk.post("/library/new", None, **(fields | {"check": "1"}))
    page = await response.text()
    assert response.status == 200
    assert "易混" in page
    assert RATE in page
    assert await rows(service, Proposal) == []


async def test_questions_that_stood_before_warn_no_more(clerk: Visitor) -> None:
    fields = form_of(await clerk.page(EDIT), EDIT) | {"check": "1"}
    changed = await (await clerk.post(EDIT, None, **(fields | {"answer": "现在是1.75%。"}))).text()
    assert "易混" not in changed
    more = fields["similar"] + "\n租房子公积金一年给取几个钱呢"
    page = await (await clerk.post(EDIT, None, **(fields | {"similar": more}))).text()
    assert "易混：换个说法问“租房子公积金一年给取几个钱呢”" in page


async def test_the_same_again_is_no_change(clerk: Visitor) -> None:
    fields = form_of(await clerk.page(EDIT), EDIT)
    response = await clerk.post(EDIT, None, **(fields | {"why": "看看"}))
    assert response.status == 422
    assert "没有需要审核的改动" in await response.text()


async def test_the_key_of_an_entry_stays(clerk: Visitor) -> None:
    fields = form_of(await clerk.page(EDIT), EDIT)
    response = await clerk.post(EDIT, None, **(fields | {"key": "other.key", "why": "改名"}))
    assert response.status == 422
    assert "建好后不能改" in await response.text()


def test_kinds_of_personal_data_are_told_apart() -> None:
    assert masking.kinds("咨询电话0631-5200000，邮箱gjj@example.cn") == frozenset()
    assert masking.kinds("１３８１２３４５６７８") == {"手机号"}
    assert masking.kinds("11010519491231002X") == {"身份证号"}
