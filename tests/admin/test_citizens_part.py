"""What citizens do after asking, as the desk sees it: opinions, the earlier reply, files to be taken out with a reason."""

from sqlmodel import select

from bot import afterwards, attachments
from bot.service import Service
from knowledge.tables import AccessRecord, Question, Reply
from tests.admin.conftest import Ask, Visitor

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
PDF = b"%PDF-1.7\n<script>alert(1)</script>"
EVIL = "<script>alert(1)</script>"


async def rated(service: Service, verdict: str, note: str) -> None:
    async with service.database.reading() as session:
        question, reply = (await session.exec(select(Question, Reply).join(Reply))).one()
    await afterwards.rate(service.database, question, reply, verdict, note, at=service.now(), working_days=5)


async def test_the_desk_sees_the_earlier_reply_and_why_it_came_back(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(RENT)
    await rated(service, "not_met", EVIL)
    page = await clerk.page(f"/questions/{question.id}")
    assert "先前的答复（网友说答非所问）" in page
    assert "18000" in page
    assert "网友反映答非所问：&lt;script&gt;" in page
    assert EVIL not in page
    assert f"/questions/{question.id}" in await clerk.page("/")


async def test_an_opinion_stands_beside_the_reply(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(RENT)
    await rated(service, "useless", "太长了")
    page = await clerk.page(f"/questions/{question.id}")
    assert "网友的评价：没用" in page
    assert "太长了" in page


async def test_a_file_is_saved_never_shown_and_only_with_a_reason(clerk: Visitor, ask: Ask, service: Service) -> None:
    question, other = await ask(), await ask()
    await attachments.attach(service.database, question.id or 0, PDF, at=service.now())
    path = f"/questions/{question.id}"
    assert "下载附件 1（PDF 文件，1 KB）" in await clerk.page(path)
    refused = await clerk.post(f"{path}/attachment", version=1, file="1", why="")
    assert refused.status == 422
    for wrong in ("2", "x", "9" * 30, ""):
        assert (await clerk.post(f"{path}/attachment", version=1, file=wrong, why="看")).status == 404
    assert (await clerk.post(f"/questions/{other.id}/attachment", version=1, file="1", why="看")).status == 404
    taken = await clerk.post(f"{path}/attachment", version=1, file="1", why="核对合同")
    assert await taken.read() == PDF
    assert taken.content_type == "application/octet-stream"
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{question.id}-1.pdf"'
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    async with service.database.reading() as session:
        assert [(row.staff, row.why) for row in (await session.exec(select(AccessRecord))).all()] == [
            ("clerk", "下载附件 1：核对合同")
        ]
