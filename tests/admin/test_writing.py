"""While a reply is written: what is noticed about it, what is kept of it, and what is offered beside it."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from admin.text_checks import Finding, Surroundings, look
from bot.service import Service
from knowledge.tables import Draft, Phrase, Policy, QuestionEvent, Reply
from tests.admin.conftest import UNANSWERABLE, Ask, Visitor, hidden, on_both, rows
from tests.conftest import Clock

GOOD = "信箱钥匙请向物业公司领取，依据《物业管理条例》第二条。"
OLD = Policy(key="old", title="旧办法", level="A", valid_until=date(2020, 12, 31))


def noticed(text: str, *, public: bool = False, has_entry: bool = False, same: int = 0) -> dict[str, Finding]:
    around = Surroundings(UNANSWERABLE, public, has_entry, same, [OLD], date(2026, 11, 23))
    return {one.code: one for one in look(text, around)}


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ("我们会尽快处理。", "promise", "我们会尽快处理"),
        ("情况核实后将与您联系。", "promise", "情况核实后将与您联系"),
        ("可打13800001234询问。", "personal", "13800001234"),
        ("按照《旧办法》执行。", "expired", "旧办法"),
        ("公基金账户不变。", "slip", "公基金"),
    ],
)
def test_each_thing_is_noticed_with_its_place(more: str, code: str, place: str) -> None:
    found = noticed(GOOD + more)
    assert list(found) == [code]
    assert place in found[code].place
    assert not found[code].blocks


@pytest.mark.parametrize("more", ["", "我们将在3个工作日内答复您。", "11月30日前将与您联系。", "可拨打0631-5200000。"])
def test_nothing_is_noticed_about_a_good_reply(more: str) -> None:
    assert noticed(GOOD + more) == {}


def test_what_the_text_alone_does_not_tell() -> None:
    assert list(noticed("信箱钥匙请向物业公司领取。")) == ["basis"]
    assert noticed("信箱钥匙请向物业公司领取。", has_entry=True) == {}
    assert "另外 3 条" in noticed(GOOD, same=3)["same"].sentence
    assert list(noticed("请看《条例》。")) == ["topic"]
    assert noticed(GOOD + "可打13800001234。", public=True)["personal"].blocks


@on_both
async def test_a_warning_needs_a_tick_or_a_reason(clerk: Visitor, ask: Ask, service: Service) -> None:
    clerk.ticks = False
    question, other = await ask(), await ask("另一个没有答案的问题")
    path = f"/questions/{question.id}/publish"
    text = "信箱钥匙的事我们会尽快处理。"
    response = await clerk.post(path, version=1, text=text)
    page = await response.text()
    assert response.status == 422
    assert "作了承诺，但没有写明时间" in page
    assert f"{text}</textarea>" in page
    half = await clerk.post(path, None, version=1, text=text, **{"tick-promise": "1"})
    assert half.status == 422
    assert await rows(service, Reply) == []
    done = await clerk.post(path, None, version=1, text=text, **{"tick-promise": "1", "tick-basis": "1"})
    assert done.status == 303
    again = await clerk.post(f"/questions/{other.id}/publish", version=1, text=text)
    assert "另外 1 条留言的答复一字不差" in await again.text()
    done = await clerk.post(f"/questions/{other.id}/publish", version=1, text=text, because="同一栋楼")
    assert done.status == 303
    async with service.database.reading() as session:
        notes = (await session.exec(select(QuestionEvent.note).where(QuestionEvent.act == "sent"))).all()
    assert "看过提示" in notes[0]
    assert "同一栋楼" in notes[1]


async def test_personal_data_never_goes_on_the_board(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    path, text = f"/questions/{question.id}/publish", GOOD + "联系人13800001234。"
    refused = await clerk.post(path, version=1, text=text, public="1", because="必须公开")
    assert refused.status == 422
    assert f"{text}</textarea>" in await refused.text()
    assert await rows(service, Reply) == []
    assert (await clerk.post(path, version=1, text=text)).status == 303


@on_both
async def test_the_page_saves_by_itself_and_keeps_one_a_minute(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service, clock: Clock
) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    version = 1
    for text in ("信", "信箱", "信箱钥"):
        response = await clerk.post(f"{path}/draft", version=version, text=text, auto=1)
        version = (await response.json())["version"]
    assert [draft.text for draft in await rows(service, Draft)] == ["信箱钥"]
    clock.at += timedelta(minutes=1)
    await clerk.post(f"{path}/draft", version=version, text="改成别的", auto=1)
    assert [draft.text for draft in await rows(service, Draft)] == ["信箱钥", "改成别的"]
    late = await reviewer.post(f"{path}/draft", version=version, text="晚了一步", auto=1)
    assert late.status == 409
    assert "别人刚刚改过" in (await late.json())["error"]
    page = await clerk.page(path)
    assert "改成别的</textarea>" in page
    first = (await rows(service, Draft))[0]
    taken = await (await clerk.post(f"{path}/use", version=5, use=f"draft:{first.id}", text="改成别的")).text()
    assert "信箱钥</textarea>" in taken
    assert "改成别的</textarea>" in taken  # what stood there is shown beside


async def test_a_session_that_ran_out_keeps_what_was_typed(stranger: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    response = await stranger.post(f"/questions/{question.id}/draft", version=1, text="别弄丢我", auto=1)
    assert response.status == 403
    assert await rows(service, Draft) == []
    typed = await stranger.post(f"/questions/{question.id}/return", version=1, comment="这段意见别弄丢")
    assert "这段意见别弄丢" in await typed.text()


@on_both
async def test_earlier_replies_to_questions_alike_are_offered(clerk: Visitor, ask: Ask, service: Service) -> None:
    first = await ask("我家楼下的信箱钥匙丢了该找谁配")
    await clerk.post(f"/questions/{first.id}/publish", version=1, text=GOOD)
    question, far = await ask(), await ask("大厅门口石狮子谁捐的没有答案")
    assert GOOD in await clerk.page(f"/questions/{question.id}")
    assert GOOD not in await clerk.page(f"/questions/{far.id}")
    [reply] = await rows(service, Reply)
    page = await (await clerk.post(f"/questions/{question.id}/use", version=1, use=f"reply:{reply.id}", text="")).text()
    assert f"{GOOD}</textarea>" in page


@on_both
async def test_set_phrases_are_kept_put_in_and_put_away(clerk: Visitor, ask: Ask, service: Service) -> None:
    refused = await clerk.post("/phrases", title="", text="您好，您的留言收悉。")
    assert refused.status == 422
    assert "您好，您的留言收悉。</textarea>" in await refused.text()
    await clerk.post("/phrases", title="开头", text="您好，您的留言收悉。")
    [phrase] = await rows(service, Phrase)
    question = await ask()
    path = f"/questions/{question.id}"
    page = await (await clerk.post(f"{path}/use", version=1, use="phrase", phrase=phrase.id, text="第一句。")).text()
    assert "第一句。\n您好，您的留言收悉。</textarea>" in page
    await clerk.post(f"/phrases/{phrase.id}/away")
    assert "还没有常用语" in await clerk.page("/phrases")
    assert (await clerk.post(f"/phrases/{phrase.id}/away")).status == 409
    gone = await clerk.post(f"{path}/use", version=1, use="phrase", phrase=99, text="写到一半")
    assert gone.status == 404
    assert "写到一半" in await gone.text()
    assert hidden(await clerk.page(path), "version") == "1"


async def test_checks_never_stand_between_a_late_text_and_its_writer(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    await reviewer.post(f"{path}/publish", version=1, text=GOOD)
    clerk.ticks = False
    for text, status in (("晚来的一段，没有依据。", 409), ("晚来的坏\x07字", 422)):
        late = await clerk.post(f"{path}/publish", version=1, text=text)
        assert late.status == status
        assert text in await late.text()
    assert [reply.text for reply in await rows(service, Reply)] == [GOOD]
