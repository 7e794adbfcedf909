"""The try-out box: the same engine, another day, or a proposal in the base; nothing of it is kept."""

from bot.answer.engine import Engine
from bot.service import Service
from knowledge.entries import snapshot
from knowledge.tables import Question
from tests.admin.conftest import Visitor, rows
from tests.admin.library.conftest import NEW_ENTRY, RATE, Propose, number_in

ASKED = "公积金账户里的存款利率是多少？"


async def use_the_engine(service: Service) -> None:
    async with service.database.reading() as session:
        service.current.engine = Engine(await snapshot(session), region="威海")


async def test_outcome_reason_candidates_and_bound_are_shown(clerk: Visitor, service: Service) -> None:
    await use_the_engine(service)
    page = await (await clerk.post("/library/try", None, q=ASKED)).text()
    for word in ("自动答复", "与知识库里的问法完全相同", RATE, "自动答复的门槛", "2026年11月23日"):
        assert word in page
    other = await (await clerk.post("/library/try", None, q="青岛租房提取能提多少")).text()
    assert "不同之处" in other or "比较过的条目" in other
    assert await rows(service, Question) == []


async def test_another_day_has_other_rules(clerk: Visitor, service: Service) -> None:
    await use_the_engine(service)
    page = await (await clerk.post("/library/try", None, q=ASKED, day="2010-01-01")).text()
    assert "会发出的文字" not in page
    assert "不在有效期内" in page


async def test_a_proposal_can_be_tried_before_it_is_approved(
    clerk: Visitor, service: Service, propose: Propose
) -> None:
    await use_the_engine(service)
    changed = await propose(clerk, answer="现在是1.75%。")
    new = number_in(await clerk.post("/library/new", None, **NEW_ENTRY))
    page = await (await clerk.post("/library/try", None, q=ASKED, proposal=changed)).text()
    assert "现在是1.75%。" in page
    assert "提案还没有通过" in page
    page = await (await clerk.post("/library/try", None, q=NEW_ENTRY["standard"], proposal=new)).text()
    assert NEW_ENTRY["answer"] in page
    page = await (await clerk.post("/library/try", None, q=NEW_ENTRY["standard"])).text()
    assert NEW_ENTRY["answer"] not in page


async def test_what_cannot_be_tried_is_said_and_kept(clerk: Visitor) -> None:
    for fields, sentence in (
        ({"q": " "}, "请写下要试的问题"),
        ({"q": "长" * 5000}, "最多"),
        ({"q": "问", "day": "昨天"}, "日期要写成"),
        ({"q": "问", "proposal": "x"}, "请从列表里选择提案"),
    ):
        response = await clerk.post("/library/try", None, **fields)
        page = await response.text()
        assert response.status == 422, fields
        assert sentence in page
        assert fields["q"].strip() in page
    assert (await clerk.post("/library/try", None, q="问", proposal=999)).status == 404
