"""Two people at one question, nothing typed lost, and looks at the original on record."""

import asyncio

from bot.service import Service
from knowledge.tables import AccessRecord, Draft, LedgerLine, Reply
from tests.admin.conftest import Ask, Visitor, hidden, on_both, rows

LIVE_ENTRY = "withdrawal.rent.limit.2026"


async def test_a_page_without_its_version_changes_nothing_and_keeps_the_text(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask()
    for version in ("", "x", "-1", "9" * 30):
        response = await clerk.post(f"/questions/{question.id}/draft", version=version, text="别弄丢我")
        assert response.status == 422
        assert "别弄丢我" in await response.text()
    assert await rows(service, Draft) == []


@on_both
async def test_two_people_at_one_question_see_both_texts(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    await clerk.post(f"{path}/draft", version=1, text="小王的文字")
    response = await reviewer.post(f"{path}/draft", version=1, text="老李的文字", entry=LIVE_ENTRY, public="1")
    page = await response.text()
    assert response.status == 409
    assert "小王的文字" in page.split('id="theirs"')[1].split("</section>")[0]
    assert "老李的文字</textarea>" in page.split('id="mine"')[1]
    assert f'value="{LIVE_ENTRY}" selected' in page
    assert "checked" in page
    assert [draft.text for draft in await rows(service, Draft)] == ["小王的文字"]
    response = await reviewer.post(f"{path}/draft", version=hidden(page, "version"), text="商量好的文字")
    assert response.status == 303
    assert "商量好的文字</textarea>" in await clerk.page(path)


@on_both
async def test_a_second_publish_never_makes_a_second_reply(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask()
    path = f"/questions/{question.id}/publish"
    both = await asyncio.gather(
        clerk.post(path, version=1, text="小王的答复"), reviewer.post(path, version=1, text="老李的答复")
    )
    late = await clerk.post(path, version=2, text="再来一次")
    assert sorted(response.status for response in both) == [303, 409]
    assert late.status == 409
    [reply] = await rows(service, Reply)
    page = await late.text()
    assert reply.text in page.split('id="theirs"')[1].split("</section>")[0]
    assert "再来一次</textarea>" in page
    assert "readonly" in page
    assert len(await rows(service, LedgerLine)) == 1


async def test_closing_what_another_has_changed_shows_both(clerk: Visitor, reviewer: Visitor, ask: Ask) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    await clerk.post(f"{path}/draft", version=1, text="小王正在写")
    response = await reviewer.post(f"{path}/close", version=1, note="重复的留言")
    page = await response.text()
    assert response.status == 409
    assert "小王正在写" in page.split('id="theirs"')[1].split("</section>")[0]
    assert "重复的留言</textarea>" in page
    response = await reviewer.post(f"{path}/close", version=hidden(page, "version"), note="重复的留言")
    assert response.status == 303


async def test_saving_a_draft_keeps_a_note_begun(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    response = await clerk.post(f"/questions/{question.id}/draft", version=1, text="拟稿", note="也许该办结")
    page = await response.text()
    assert "也许该办结</textarea>" in page
    assert hidden(page, "version") == "2"
    assert len(await rows(service, Draft)) == 1


@on_both
async def test_the_original_is_shown_only_for_a_reason_and_on_record(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask("我的电话13800001234，请回电", name="张三丰", phone="0631-5200000")
    path = f"/questions/{question.id}"
    secrets = ("13800001234", "张三丰", "0631-5200000")
    page = await clerk.page(path) + await clerk.page("/")
    assert not [secret for secret in secrets if secret in page]
    assert "138****1234" in page

    for why in ("", "  ", "长" * 201):
        response = await clerk.post(f"{path}/original", version=1, text="写到一半", why=why)
        page = await response.text()
        assert response.status == 422
        assert "理由" in page.split('id="why-error">')[1]
        assert not [secret for secret in secrets if secret in page]
    assert await rows(service, AccessRecord) == []

    response = await clerk.post(f"{path}/original", version=1, text="写到一半", why="电话核实单位名称")
    page = await response.text()
    assert [secret for secret in secrets if secret in page] == list(secrets)
    assert "写到一半</textarea>" in page
    [record] = await rows(service, AccessRecord)
    assert (record.question_id, record.staff, record.why) == (question.id, "clerk", "电话核实单位名称")
    assert record.at == service.now()
    assert "13800001234" not in await clerk.page(path)


async def test_where_nothing_personal_was_kept_there_is_nothing_to_reveal(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask()
    response = await clerk.post(f"/questions/{question.id}/original", version=1, why="看看")
    assert response.status == 404
    assert await rows(service, AccessRecord) == []
