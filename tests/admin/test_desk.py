"""The desk: from the queue to the reply that was sent, with its ledger line."""

from sqlmodel import col, select

from bot import replies
from bot.answer.engine import Engine
from bot.service import Service
from knowledge import ledger
from knowledge.entries import snapshot
from knowledge.tables import Draft, LedgerLine, QuestionEvent, Reply
from knowledge.vocabulary import QuestionState
from tests.admin.conftest import ANSWERABLE, UNANSWERABLE, Ask, Visitor, hidden, on_both, rows, stored

LIVE_ENTRY = "withdrawal.rent.limit.2026"
EXPIRED_ENTRY = "withdrawal.rent.limit.2021"


async def test_the_question_page_explains_the_engine(clerk: Visitor, ask: Ask) -> None:
    question = await ask(public=False)
    page = await clerk.page(f"/questions/{question.id}")
    for words in (
        UNANSWERABLE,
        "2026年11月30日",
        "不同意公开，只答复本人",
        "收到时：转人工。有相近的条目，但把握不够（把握 41%）",
        "相近 41%",
        "相同的词：公积金",
        "不同之处：问的是另一座城市",
        "系统：待答复",
        "上面就是原文",
    ):
        assert words in page
    assert 'name="public"' not in page
    assert f'<option value="{LIVE_ENTRY}"' in page
    assert EXPIRED_ENTRY not in page


@on_both
async def test_draft_publish_reply_ledger_and_state(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask("租房能提多少？我电话13800001234", name="张三")
    path = f"/questions/{question.id}"

    response = await clerk.post(f"{path}/use", version=1, use=LIVE_ENTRY, text="我先写的半句")
    page = await response.text()
    answer = service.current.entries[LIVE_ENTRY].answer
    assert answer.split("\n")[0] in page.split('id="text"')[1].split("</textarea>")[0]
    assert "我先写的半句</textarea>" in page
    assert f'value="{LIVE_ENTRY}" selected' in page
    assert await rows(service, Draft) == []

    response = await clerk.post(f"{path}/draft", version=1, text="请看细则。\r\n第二行", entry=LIVE_ENTRY, public="1")
    assert response.status == 303
    assert response.headers["Location"].startswith(f"{path}?done=saved")
    assert (await stored(service, question)).state == QuestionState.DRAFTED
    page = await reviewer.page(path)
    assert "请看细则。\n第二行</textarea>" in page
    assert "小王" in page
    assert "selected" in await clerk.page(response.headers["Location"])

    response = await reviewer.post(
        f"{path}/publish", version=hidden(page, "version"), text="请看细则。\n第二行", entry=LIVE_ENTRY, public="1"
    )
    assert response.headers["Location"] == f"{path}/sent"
    page = await reviewer.page(f"{path}/sent")
    for words in ("请看细则。", "台账第 1 行", service.board_address(question.id or 0), "优化调整住房公积金使用政策"):
        assert words in page

    [reply] = await rows(service, Reply)
    [line] = await rows(service, LedgerLine)
    after = await stored(service, question)
    assert (reply.text, reply.by, reply.author, reply.entry_key) == (
        "请看细则。\n第二行",
        "staff",
        "reviewer",
        LIVE_ENTRY,
    )
    assert (line.question_id, line.kind, line.by) == (question.id, "board_reply", "reviewer")
    assert line.content_sha256 == ledger.content_digest(reply.text)
    assert line.address == service.board_address(question.id or 0)
    assert (after.state, after.published_at) == (QuestionState.ANSWERED, service.now())
    page = await clerk.page(path)
    assert "老李：答复并发出" in page
    assert 'id="text"' not in page


async def test_a_reply_not_meant_for_the_board_stays_off_it(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    await clerk.post(f"{path}/publish", version=1, text="只给您看")
    assert (await stored(service, question)).published_at is None
    assert "没有公开到留言板" in await clerk.page(f"{path}/sent")
    [line] = await rows(service, LedgerLine)
    assert line.address == ""
    response = await clerk.post(f"{path}/board")
    assert response.headers["Location"] == f"{path}?done=board"
    assert (await stored(service, question)).published_at == service.now()


async def test_without_consent_nothing_goes_on_the_board(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(public=False)
    path = f"/questions/{question.id}"
    response = await clerk.post(f"{path}/publish", version=1, text="答复正文", public="1")
    page = await response.text()
    assert response.status == 422
    assert "答复正文</textarea>" in page
    assert "没有同意公开" in page.split('id="public-error">')[1]
    assert await rows(service, Reply) == []
    await clerk.post(f"{path}/publish", version=1, text="答复正文")
    assert (await clerk.post(f"{path}/board")).status == 422
    assert (await stored(service, question)).published_at is None


UNSENDABLE = [
    ("text", "  \n", "请写下内容"),
    ("text", "坏\x07字", "控制字符"),
    ("text", "长" * 20_001, "内容太长"),
    ("entry", EXPIRED_ENTRY, "不在有效期内"),
    ("entry", "no.such.entry", "不在知识库里"),
]


async def test_what_cannot_be_sent_comes_back_with_the_reason(clerk: Visitor, ask: Ask, service: Service) -> None:
    for field, value, sentence in UNSENDABLE:
        question = await ask()
        fields = {"text": "好的答复", field: value}
        response = await clerk.post(f"/questions/{question.id}/publish", None, version=1, **fields)
        page = await response.text()
        assert response.status == 422
        assert sentence in page.split(f'id="{field}-error">')[1]
        assert (await stored(service, question)).version == 1
        if field == "entry":
            assert "好的答复</textarea>" in page


async def test_closing_takes_a_note_that_the_citizen_reads(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    response = await clerk.post(f"{path}/close", version=1, text="半句拟稿", note=" ")
    page = await response.text()
    assert response.status == 422
    assert "半句拟稿</textarea>" in page
    assert "网友会看到" in page.split('id="note-error">')[1]
    response = await clerk.post(f"{path}/close", version=1, note="不属于本中心职责，请拨打12345。")
    assert response.headers["Location"] == f"{path}?done=closed"
    after = await stored(service, question)
    assert (after.state, after.closing_note) == (QuestionState.CLOSED, "不属于本中心职责，请拨打12345。")
    assert await rows(service, Reply) == []
    assert "不属于本中心职责" in await clerk.page(path)
    assert (await clerk.get(f"{path}/sent")).status == 404


@on_both
async def test_automatic_answers_are_read_and_put_on_the_board(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(ANSWERABLE)
    private = await ask(ANSWERABLE, public=False)
    await ask()
    page = await clerk.page("/answered")
    assert f"第 {question.id} 号留言" in page
    assert f"第 {private.id} 号留言" not in page
    assert "1.50%" in page
    assert UNANSWERABLE not in page
    response = await clerk.post(f"/questions/{question.id}/board", back="answered")
    assert response.headers["Location"] == "/answered?done=board"
    assert (await stored(service, question)).published_at == service.now()
    assert f"第 {question.id} 号留言" not in await clerk.page("/answered")
    page = await clerk.page("/answered?show=all")
    assert f"第 {private.id} 号留言" in page
    assert "已公开到留言板" in page
    assert (await clerk.post(f"/questions/{question.id}/board")).status == 409
    async with service.database.reading() as session:
        last = (await session.exec(select(QuestionEvent).order_by(col(QuestionEvent.id).desc()).limit(1))).one()
    assert (last.question_id, last.actor) == (question.id, "clerk")


@on_both
async def test_the_ledger_is_listed_and_proved(clerk: Visitor, ask: Ask, service: Service) -> None:
    first, second = await ask(ANSWERABLE), await ask()
    await clerk.post(f"/questions/{second.id}/publish", version=1, text="人工答复")
    page = await clerk.page("/ledger")
    assert page.index(f"答复第 {second.id} 号留言") < page.index(f"答复第 {first.id} 号留言")
    for words in ("在线留言回复", "2026年11月23日", "小王", "系统"):
        assert words in page
    assert "2 行首尾相接" in await (await clerk.post("/ledger/verify")).text()
    async with service.database.writing() as session:
        line = await session.get(LedgerLine, 1)
        assert line is not None
        line.quantity = 7
    page = await (await clerk.post("/ledger/verify")).text()
    assert "台账有问题：第 1 行的内容在登记后被改动过" in page


async def test_staff_see_each_question_of_a_message_and_what_was_read(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    async with service.database.reading() as session:
        service.current.engine = Engine(await snapshot(session), region="威海")
    asked = await ask("租房一年能取多少公积金？大厅门口的石狮子是谁捐的？")
    page = await clerk.page(f"/questions/{asked.id}")
    assert "问了几件事，要由工作人员答全" in page
    assert "留言里问的 2 件事" in page
    assert "<strong>租房一年能取多少公积金</strong><br>自动答复：与知识库里的问法完全相同" in page
    assert "<strong>大厅门口的石狮子是谁捐的</strong><br>转人工" in page


async def test_staff_see_what_the_citizen_read_before(clerk: Visitor, ask: Ask, service: Service) -> None:
    async with service.database.reading() as session:
        service.current.engine = Engine(await snapshot(session), region="威海")
    asked = await ask("存款利率多少？租房一次提多少？")
    entry = service.current.entries[asked.choices[0]["entry"]]
    await replies.choose(service.database, asked.id or 0, entry, address="", at=service.now())
    assert f"先看了“{entry.standard}”，其余的等答复" in await clerk.page(f"/questions/{asked.id}")
