"""Words: the port to Rust cuts as jieba does, stands in for it wholly, and can be done without."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import words_by_jieba
from knowledge.base import read_base
from knowledge.text import normalise
from knowledge.words import cut

DATA = Path(__file__).parents[2] / "knowledge" / "data"
HAN = re.compile("[\u3400-\u9fff]+")
FRAGMENTS = st.sampled_from(
    [
        "公积金",
        "贷款",
        "提取",
        "怎么",
        "办理",
        "的",
        "了",
        "不",
        "能",
        "一",
        "个",
        "停车证",
        "西山",
        "东湖",
        "龙泉",
        "老王",
        "中华人民共和国",
        "㐀",
        "鿖",
        "张",
        "三",
        "丰",
    ]
)
RUNS = st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), min_size=1, max_size=30)
SAID = st.lists(FRAGMENTS | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=3), min_size=1)


@given(run=RUNS | SAID.map("".join).filter(bool))
def test_words_are_those_of_jieba(run: str) -> None:
    assert cut(run) == words_by_jieba.cut(run)


def test_the_words_of_the_whole_starter_base_are_those_of_jieba() -> None:
    base = read_base(DATA)
    texts = {text for row in base.entries for text in (row.standard, *row.similar, *row.counter, row.answer)}
    runs = {run for text in texts for run in HAN.findall(normalise(text))}
    assert len(runs) > 3_000
    assert [run for run in sorted(runs) if cut(run) != words_by_jieba.cut(run)] == []


@given(run=RUNS)
def test_nothing_is_lost_in_cutting(run: str) -> None:
    assert "".join(cut(run)) == run


def test_without_the_port_jieba_serves() -> None:
    told = _python(
        "import sys; sys.modules['rjieba'] = None; from knowledge.words import cut; print(cut('公积金贷款额度'))"
    )
    assert told.endswith(str(cut("公积金贷款额度")))


def test_with_the_port_jieba_is_not_loaded() -> None:
    pytest.importorskip("rjieba")
    assert _python("import sys; import knowledge.text; print('jieba' in sys.modules)") == "False"


def _python(code: str) -> str:
    quiet = ["-W", "ignore"]  # jieba's own lines warn on newer Pythons
    done = subprocess.run(
        [sys.executable, *quiet, "-c", code], cwd=DATA.parents[1], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
