"""The log: one line a message, whoever's words are in it, with the id of the request; as text or as JSON."""

import json
import logging
from collections.abc import Iterator

import pytest

from admin import logs
from bot.watch import request_id
from knowledge.vocabulary import LogFormat

HOSTILE = "user\n2026-11-23 ERROR forged\r\nline"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def begin(form: LogFormat) -> None:
    """As in a process of its own, where nobody logs yet."""
    logging.getLogger().handlers.clear()
    logs.begin(form)


@pytest.mark.parametrize("form", LogFormat)
def test_a_line_break_in_a_message_begins_no_line(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    begin(form)
    token = request_id.set("id-of-this-request")
    logging.getLogger("zhengwen").warning("name refused: %s", HOSTILE)
    request_id.reset(token)
    (line,) = capsys.readouterr().err.splitlines()
    assert "id-of-this-request" in line
    assert "WARNING" in line


def test_json_holds_what_a_collector_needs(capsys: pytest.CaptureFixture[str]) -> None:
    begin(LogFormat.JSON)
    try:
        raise LookupError("没有")
    except LookupError:
        logging.getLogger("zhengwen.x").exception("出错 %s", 7)
    found = json.loads(capsys.readouterr().err)
    assert found["message"] == "出错 7"
    assert (found["level"], found["logger"], found["request_id"]) == ("ERROR", "zhengwen.x", "-")
    assert "LookupError: 没有" in found["exc_info"]


def test_the_trace_of_an_error_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    begin(LogFormat.TEXT)
    try:
        raise LookupError("没有")
    except LookupError:
        logging.getLogger("zhengwen.x").exception("出错")
    assert len(capsys.readouterr().err.splitlines()) > 2
