"""The rehearsal over real HTTP: a message in, the reply shown; staff publish, the message arrives; nobody else gets in."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.rehearsal.phone import Part, parts_of
from admin.rehearsal.standin import StandIn
from bot import wording
from bot.channels.wechat_text import menu_link
from knowledge.errors import SettingsError
from tests.rehearsing import Rehearsal, rehearsing


@pytest.fixture
async def rehearsal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rehearsal]:
    """Everything started; the environment names a database that must not be touched."""
    monkeypatch.setenv("ZHENGWEN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/office")
    async with rehearsing(tmp_path) as running:
        yield running


async def test_the_whole_rehearsal(rehearsal: Rehearsal) -> None:
    assert "欢迎关注" in await rehearsal.chat("/do", what="subscribe")
    assert wording.AUTOMATIC in await rehearsal.chat("/do", what="menu", key="RENT")
    offered = await rehearsal.chat("/say", text="提取")
    found = re.search(r'name="content" value="([^"]+)"><input type="hidden" name="mark" value="(\d+-1)"', offered)
    assert found
    tapped = await rehearsal.chat("/tap", content=found[1], mark=found[2])
    assert tapped.count(wording.AUTOMATIC) == 2
    assert "听不了语音" in await rehearsal.chat("/do", what="voice")
    assert "看不了图片" in await rehearsal.chat("/do", what="image")
    assert "（公众号没有回复）" in await rehearsal.chat("/do", what="hologram")
    assert "工作人员最晚在" in await rehearsal.chat("/say", text="请转人工，我想问大厅装修的事")
    await rehearsal.sign_in()
    queue = await rehearsal.staff("/")
    number = re.search(r'href="/questions/(\d+)">请转人工，我想问大厅装修', queue)
    assert number
    page = await rehearsal.staff(f"/questions/{number[1]}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    await rehearsal.post(
        f"/questions/{number[1]}/publish", page, text="大厅十二月装修。", version=version[1], because="已核对"
    )
    assert "客服消息" in await rehearsal.until("大厅十二月装修。")
    for _ in range(100):
        if "分钟前取得" in (health := await rehearsal.staff("/channels")):
            break
        await asyncio.sleep(0.1)
    assert "分钟前取得" in health
    assert "hologram（1 次）" in health
    await rehearsal.post("/channels/wechat:demo/switch", health, level="off", number="0", reason="系统升级", keeps="1")
    assert "本公众号暂停答复：系统升级。" in await rehearsal.chat("/say", text="公积金怎么查")


async def test_only_this_machine_and_its_own_pages(rehearsal: Rehearsal) -> None:
    phone = rehearsal.address("微信演练")
    for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:80"}):
        async with rehearsal.http.get(phone + "/", headers=headers) as refused:
            assert refused.status == 403
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        async with rehearsal.http.post(phone + "/say", data={"text": "外来"}, headers=headers) as refused:
            assert refused.status == 403
    assert "外来" not in await rehearsal.chat()
    async with rehearsal.http.get(phone + "/") as page:
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "style=" not in await page.text()


async def test_the_offices_own_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_text('database_url = "postgresql://u@127.0.0.1:1/office"\n', "utf-8")
    with pytest.raises(SettingsError, match="正式使用的数据文件夹"):
        async with rehearsing(tmp_path):
            pass


async def test_the_stand_in_refuses_as_wechat_does() -> None:
    stand_in = StandIn()

    def send(**more: object) -> str:
        body = {"touser": stand_in.follower.openid, "msgtype": "text", "text": {"content": "一"}, **more}
        return str(stand_in._send(body).text)

    assert "45015" in send()
    stand_in.follower.heard_at, stand_in.follower.left = float("inf"), 2
    for code, more in (
        (40003, {"touser": "o"}),
        (40008, {"msgtype": "image"}),
        (45002, {"text": {"content": "长" * 700}}),
    ):
        assert str(code) in send(**more)
    assert ['"errcode": 0' in send() for _ in range(3)] == [True, True, False]
    assert "45047" in send()
    stand_in.follower.follows = False
    assert "43004" in send()
    assert [line.way for line in stand_in.lines] == ["客服消息"] * 2


@given(st.text(), st.text())
def test_the_pieces_of_a_text_are_the_whole_text(before: str, after: str) -> None:
    text = f"{before}\n{after}"
    if "<a " not in text:
        assert "".join(part.text for part in parts_of(text)) == text
    assert all(part.link.startswith(("", "http")) for part in parts_of(text))


def test_menu_links_and_addresses_are_found() -> None:
    text = f'选：\n1. {menu_link("买房提取", "12-1")}\n见 http://127.0.0.1:8080/lookup 查看。<a href="http://x">假</a>'
    parts = list(parts_of(text))
    assert Part("买房提取", content="买房提取", mark="12-1") in parts
    assert Part("http://127.0.0.1:8080/lookup", link="http://127.0.0.1:8080/lookup") in parts
    assert parts[-1].text == '">假</a>'
