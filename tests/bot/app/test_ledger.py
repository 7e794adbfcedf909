"""The office's programs record what they published: signed, once, all or nothing, every fault at its line."""

from typing import Any

from sqlalchemy import select

from knowledge import ledger
from knowledge.ledger import TABLE
from tests.bot.app.conftest import App, Connect, Start, account, on_both

ONE = {"id": "a-1", "kind": "site", "day": "2026-08-12", "title": "缴存基数通知", "address": "https://gjj.example/1"}
TWO = {"id": "a-2", "kind": "微信公众号", "day": "2026-08-13", "title": "提取指南", "quantity": 2}


async def rows(app: App, service: Any) -> list[Any]:
    async with service.database.reader.connect() as connection:
        assert (await ledger.verify(connection)).fault is None
        return list((await connection.execute(select(TABLE).order_by(TABLE.c.seq))).all())


@on_both
async def test_lines_are_recorded_once_however_often_they_are_sent(start: Start, connect: Connect) -> None:
    service = await start(account(may_record=True))
    app = await connect(service)
    first = await app.send("/ledger", lines=[ONE, TWO])
    assert first.status == 201, first.raw
    assert first.json == {"lines": [{"id": "a-1", "seq": 1}, {"id": "a-2", "seq": 2}]}
    again = await app.send("/ledger", lines=[TWO, ONE, {**ONE, "id": "a-3", "title": "第三条"}])
    assert [one["seq"] for one in again.json["lines"]] == [2, 1, 3]
    found = await rows(app, service)
    assert [(row.by, row.quantity, row.question_id) for row in found] == [
        ("app:mobile", 1, None), ("app:mobile", 2, None), ("app:mobile", 1, None)
    ]  # fmt: skip


async def test_a_number_used_for_something_else_is_refused_with_the_whole(start: Start, connect: Connect) -> None:
    service = await start(account(may_record=True))
    app = await connect(service)
    await app.send("/ledger", lines=[ONE])
    answer = await app.send("/ledger", lines=[TWO, {**ONE, "title": "别的"}])
    assert (answer.status, answer.kind, answer.json["field"]) == (422, "application/problem+json", "lines.1.id")
    assert "第 1 行" in answer.json["detail"]
    assert len(await rows(app, service)) == 1


async def test_every_fault_is_named_at_its_line(start: Start, connect: Connect) -> None:
    service = await start(account(may_record=True))
    app = await connect(service)
    wrong = [ONE, {**TWO, "day": "2027-01-01"}, {**TWO, "id": "a-3", "kind": "board_reply"}, {**ONE, "title": ""}]
    answer = await app.send("/ledger", lines=wrong)
    assert (answer.status, answer.json["field"]) == (422, "lines.1.day")
    for part in ("第 2 条的发布日期", "第 3 条的类型", "第 4 条的标题", "第 4 条的id", "全部没有登记"):
        assert part in answer.json["detail"]
    shapeless = await app.send("/ledger", lines=[ONE, {"id": "x", "kind": "site", "day": "2026-01-01"}])
    assert (shapeless.status, shapeless.json["field"]) == (422, "lines.1.title")
    assert (await app.send("/ledger", lines=[])).status == 422
    assert await rows(app, service) == []


async def test_an_app_records_only_where_the_settings_allow_it(start: Start, connect: Connect) -> None:
    service = await start()
    app = await connect(service)
    answer = await app.send("/ledger", lines=[ONE])
    assert answer.status == 404
    assert "may_record" in answer.json["detail"]
    forged = await app.post("/ledger", b"{}", app.signed(b'{"lines": []}'))
    assert forged.status == 401
    assert await rows(app, service) == []


async def test_two_apps_may_count_from_one_each(start: Start, connect: Connect) -> None:
    service = await start(
        account(may_record=True), account(name="cms", secret="c" * 8 + "0123456789abcdefghijklmn", may_record=True)
    )
    one, other = await connect(service), await connect(service, name="cms", secret="c" * 8 + "0123456789abcdefghijklmn")
    assert (await one.send("/ledger", lines=[ONE])).json["lines"][0]["seq"] == 1
    assert (await other.send("/ledger", lines=[ONE])).json["lines"][0]["seq"] == 2
