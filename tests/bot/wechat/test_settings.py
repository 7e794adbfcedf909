"""Accounts in the settings file, the menu file, and the commands."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels import wechat_check
from bot.channels.wechat_accounts import accounts_of
from bot.channels.wechat_menu import read_menu
from knowledge import settings
from knowledge.errors import BadInputError, SettingsError
from knowledge.vocabulary import WeChatMode
from tests.bot.wechat.conftest import APPID, KEY, TOKEN, Connect, FakeServer, Start, account
from tests.running import Running

ACCOUNT = f"""[[wechat]]
name = "city"
appid = "{APPID}"
token = "{TOKEN}"
aes_key = "{KEY}"
"""


def written(folder: Path, text: str) -> Path:
    (folder / settings.CONFIG_NAME).write_text(text, "utf-8")
    return folder


def test_safe_mode_is_the_default_and_customer_messages_are_not(tmp_path: Path) -> None:
    (chosen,) = settings.load({}, data=written(tmp_path, ACCOUNT)).wechat
    assert (chosen.mode, chosen.customer_messages, chosen.secret) == (WeChatMode.SAFE, False, None)


def test_secrets_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("f" * 32 + "\n", "utf-8")
    text = ACCOUNT + f'secret_file = "{tmp_path / "secret"}"\n'
    (chosen,) = settings.load({}, data=written(tmp_path, text)).wechat
    assert chosen.secret
    assert chosen.secret.get_secret_value() == "f" * 32


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('token = "a b"', "3 到 32 位字母或数字"),
        ('aes_key = "short"', "43 位"),
        ('name = "大市"', "小写字母"),
        ('appid = "x"', "AppID"),
        ('mode = "none"', "只能填"),
        ("customer_messages = true", "secret"),
        ('api_url = "http://api.example"', "https://"),
        ('secret_file = "nowhere"', "读不出来"),
        ("typo = 1", "没有这项设置"),
        ('aes_key = ""\nmode = "safe"', "要填 aes_key"),
    ],
)
def test_a_wrong_account_stops_the_start_with_a_sentence(line: str, sentence: str, tmp_path: Path) -> None:
    name = line.split(" =")[0]
    kept = "".join(f"{each}\n" for each in ACCOUNT.splitlines() if not each.startswith(f"{name} ="))
    with pytest.raises(SettingsError, match=sentence) as refused:
        settings.load({}, data=written(tmp_path, f"{kept}{line}\n"))
    assert TOKEN not in str(refused.value)
    assert KEY not in str(refused.value)


def test_two_accounts_of_one_name_are_refused_and_no_account_comes_from_the_environment(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="同一个 name"):
        settings.load({}, data=written(tmp_path, ACCOUNT * 2))
    with pytest.raises(SettingsError, match=r"zhengwen\.toml"):
        settings.load({"ZHENGWEN_WECHAT": "[]"}, data=tmp_path / "empty")


def test_nothing_secret_shows_when_accounts_are_printed(tmp_path: Path) -> None:
    chosen = settings.load({}, data=written(tmp_path, ACCOUNT))
    assert not [secret for secret in (TOKEN, KEY) if secret in f"{chosen!r}{accounts_of(chosen)!r}"]


MENU = {
    "button": [
        {"type": "click", "name": "热门问题", "key": "HOT"},
        {"name": "办事", "sub_button": [{"type": "view", "name": "网上大厅", "url": "https://gjj.example"}]},
    ]
}


@pytest.mark.parametrize(
    ("menu", "sentence"),
    [
        ([], "最外层要有 button"),
        ({"button": []}, "1 到 3 个按钮"),
        ({"button": [1]}, "字段: 值"),
        ({"button": [{"type": "click", "name": "六个汉字就太长", "key": "K"}]}, "最多 16 字节"),
        ({"button": [{"type": "click", "name": "好"}]}, "缺少 key"),
        ({"button": [{"type": "dance", "name": "好"}]}, "type 只能是"),
        ({"button": [{"name": "好", "sub_button": [{}] * 6}]}, "最多 5 个"),
        ({"button": [{"name": "好", "sub_button": [{"type": "view", "name": "长" * 21}]}]}, "最多 60 字节"),
    ],
)
def test_a_menu_wechat_would_refuse_is_refused_here(menu: Any, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "menu.json").write_text(json.dumps(menu), "utf-8")
    with pytest.raises(BadInputError, match=sentence):
        read_menu(tmp_path / "menu.json")


async def test_the_menu_commands(tmp_path: Path, api: FakeServer) -> None:
    text = f'{ACCOUNT}secret = "{"f" * 32}"\napi_url = "{api.url}"\n'
    running = Running(written(tmp_path, text))
    file = tmp_path / "menu.json"
    file.write_text(json.dumps(MENU, ensure_ascii=False), "utf-8")
    code, said = await running.command("wechat", "menu", "create", str(file), "--dry-run")
    assert (code, api.calls) == (0, []), said
    code, said = await running.command("wechat", "menu", "create", str(file))
    assert (code, api.to("menu/create")) == (0, [MENU]), said
    api.plan["get"] = [{"errcode": 46003, "errmsg": "menu no exist"}]
    code, said = await running.command("wechat", "menu", "get")
    assert code == 1
    assert "还没有菜单" in said
    code, said = await running.command("wechat", "menu", "delete", "--yes")
    assert (code, len(api.to("menu/delete"))) == (0, 1), said
    code, said = await running.command("wechat", "menu", "get", "--account", "nobody")
    assert code == 1
    assert "请用 --account 指定公众号：city" in said


async def test_the_check_goes_step_by_step(start: Start, connect: Connect, api: FakeServer) -> None:
    given = {"customer_messages": True, "secret": "s" * 32, "api_url": api.url}
    service = await start(account(**given))
    wechat = await connect(service)
    chosen = accounts_of(service.settings)["city"]
    api.plan["getcallbackip"] = [{"ip_list": ["127.0.0.1"]}]
    api.plan["get"] = [{"quota": {"daily_limit": 500000, "used": 3, "remain": 499997}}]
    wechat.clock.at = wechat.clock.at.now(wechat.clock.at.tzinfo)
    async with aiohttp.ClientSession() as session:
        public = str(wechat.http.make_url("")).rstrip("/")
        steps = [step async for step in wechat_check.look(chosen, public, session)]
        assert [step.right for step in steps] == [True] * 5, steps
        api.plan["stable_token"] = [{"errcode": 40164, "errmsg": "invalid ip"}]
        steps = [step async for step in wechat_check.look(chosen, "http://127.0.0.1:9", session)]
    assert [step.right for step in steps] == [True, False, False]
    assert "443" in steps[1].sentence
    assert "白名单" in steps[2].sentence
