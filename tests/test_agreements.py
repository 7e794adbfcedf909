"""Agreements between places: what the code has, the documents name; what is stored, people can read."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from admin import reference
from admin.__main__ import COMMANDS, main
from admin.report.figures import registry
from bot import wording
from knowledge.settings import Settings
from knowledge.vocabulary import REPLY_KIND, Channel, Reason

ROOT = Path(__file__).parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("settings.md", reference.settings_page),
        ("commands.md", reference.commands_page),
        ("routes.md", reference.routes_page),
    ],
)
def test_every_setting_command_and_route_is_documented_as_it_is(name: str, page: Callable[[], str]) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == page(), "run `make docs`"


def test_every_setting_says_in_chinese_what_it_means() -> None:
    for name, field in Settings.model_fields.items():
        assert CHINESE.search(field.description or ""), name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_chinese(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert CHINESE.search(result.output)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_hands_over_with_a_date_and_no_gap(reason: Reason) -> None:
    said = wording.handed_over(reason, date(2026, 11, 30), provisional=True, hotline="12329")
    assert "2026年11月30日" in said
    assert "{" not in said


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_name_only_commands_that_exist(readme: str) -> None:
    named = set(re.findall(r"zhengwen ([a-z]+)", (ROOT / readme).read_text("utf-8")))
    assert named
    assert named <= set(COMMANDS)


def test_every_channels_questions_and_replies_are_counted_by_one_figure_each() -> None:
    keys = [definition.key for definition in registry()]
    assert {f"ledger.{kind.value}" for kind in REPLY_KIND.values()} <= set(keys)
    counted = [
        channel
        for definition in registry()
        if definition.key.startswith("questions.") and definition.key != "questions.received"
        for channel in definition.count.args[0]  # type: ignore[attr-defined]
    ]
    assert sorted(counted) == sorted(Channel)


def test_every_test_the_security_page_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z_]+)`", (ROOT / "docs" / "security.md").read_text("utf-8")))
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    written = set(re.findall(r"def (test_[a-z0-9_]+)\(", source))
    assert len(named) > 50
    assert not named - written
