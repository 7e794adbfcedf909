"""Apps in the settings file, and the examples of the operator's page, run as they stand there."""

import asyncio
import json
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from knowledge import clock as clocks
from knowledge import settings
from knowledge.errors import SettingsError
from tests.bot.app.conftest import OLD_SECRET, SECRET, Connect, Start
from tests.conftest import Clock

PAGE = Path(__file__).parents[3] / "docs" / "app.md"
APP = f'[[app]]\nname = "mobile"\nsecret = "{SECRET}"\n'


def written(folder: Path, text: str) -> Path:
    (folder / settings.CONFIG_NAME).write_text(text, "utf-8")
    return folder


def test_an_app_has_no_callback_unless_it_is_named(tmp_path: Path) -> None:
    (app,) = settings.load({}, data=written(tmp_path, APP)).app
    assert (app.callback_url, app.previous_secret, app.requests_per_minute) == ("", None, 600)


def test_secrets_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "new").write_text(SECRET + "\n", "utf-8")
    (tmp_path / "old").write_text(OLD_SECRET + "\n", "utf-8")
    files = f'secret_file = "{tmp_path / "new"}"\nprevious_secret_file = "{tmp_path / "old"}"\n'
    (app,) = settings.load({}, data=written(tmp_path, '[[app]]\nname = "mobile"\n' + files)).app
    assert app.previous_secret
    assert [app.secret.get_secret_value(), app.previous_secret.get_secret_value()] == [SECRET, OLD_SECRET]
    assert not [secret for secret in (SECRET, OLD_SECRET) if secret in repr(app)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("secret", "缺少这一项"),
        ('previous_secret = ""', "32 到 256"),
        ('secret = ""', "32 到 256"),
        ('secret = "short"', "32 到 256"),
        (f'secret = "{"a" * 40}"', "太容易猜到"),
        (f'secret = "{"密" * 40}"', "32 到 256"),
        ('secret_file = "nowhere"', "读不出来"),
        (f'previous_secret = "{SECRET}"', "相同"),
        ('previous_secret = "short"', "32 到 256"),
        ('name = "大市"', "小写字母"),
        ('name = "a:b"', "小写字母"),
        ('callback_url = "http://app.example/"', "https://"),
        ('callback_url = "file:///etc/passwd"', "https://"),
        ('callback_url = "https://"', "https://"),
        ('callback_url = "https://me:pass@app.example/"', "用户名"),
        ('callback_url = "http://127.0.0.1.evil.example/"', "https://"),
        ("requests_per_minute = 0", "不能小于 1"),
        ("typo = 1", "没有这项设置"),
    ],
)
def test_a_wrong_app_stops_the_start_with_a_sentence(line: str, sentence: str, tmp_path: Path) -> None:
    name = line.split(" =")[0].removesuffix("_file")
    kept = "".join(f"{each}\n" for each in APP.splitlines() if not each.startswith(f"{name} ="))
    with pytest.raises(SettingsError, match=sentence) as refused:
        settings.load({}, data=written(tmp_path, kept + (line + "\n" if "=" in line else "")))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("second", "sentence"),
    [(APP, "同一个 name"), (APP.replace("mobile", "counter"), "同一个 secret")],
)
def test_two_apps_share_neither_name_nor_secret(second: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=sentence):
        settings.load({}, data=written(tmp_path, APP + second))


def test_no_app_comes_from_the_environment(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\[\[app\]\]"):
        settings.load({"ZHENGWEN_APP": "[]"}, data=tmp_path)


def examples() -> dict[str, str]:
    found = re.findall(r"```(sh|python)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return dict(found)


@pytest.mark.parametrize("language", ["sh", "python"])
async def test_the_example_of_the_page_works_as_it_stands(
    language: str, start: Start, connect: Connect, clock: Clock, tmp_path: Path
) -> None:
    if language == "sh" and not (shutil.which("openssl") and shutil.which("curl")):
        pytest.skip("openssl or curl is not installed; the same call in Python is run instead")
    clock.at = clocks.now()
    app = await connect(await start())
    secret = tmp_path / "app_mobile"
    secret.write_text(SECRET + "\n", "utf-8")
    script = examples()[language]
    for written_so, here in (
        ("https://gjj.example.gov.cn", str(app.http.make_url("")).rstrip("/")),
        ("/run/secrets/app_mobile", str(secret)),
    ):
        assert written_so in script
        script = script.replace(written_so, here)
    command = ["bash", "-euc", script] if language == "sh" else [sys.executable, "-c", script]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    answers = []
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
        said, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()
        answers.append(json.loads(said))
    assert answers[0] == answers[1]
    assert answers[0]["id"] == "20261123-0001"
    assert len(answers[0]["code"]) == 12
