"""Reading knowledge base files: every fault is named with its file and line, in Chinese, and nothing is let through."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.base import read_base
from knowledge.errors import BadInputError
from knowledge.vocabulary import EntryStatus, Level
from tests.knowledge.conftest import Lay, entry, policy


def faults(folder: Path) -> list[str]:
    """The faults `read_base` names, one a line."""
    with pytest.raises(BadInputError) as caught:
        read_base(folder)
    heading, *lines = str(caught.value).splitlines()
    assert "没有导入" in heading
    assert all(re.search("[一-鿿]", line) for line in lines)
    return lines


def only(folder: Path) -> str:
    found = faults(folder)
    assert len(found) == 1, found
    return found[0]


def line_of(folder: Path, text: str, name: str = "entries/a.yaml") -> int:
    """Where a text stands, counted by hand: the one line of the file that holds it."""
    lines = (folder / name).read_text("utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if text in line]
    assert len(found) == 1, found
    return found[0]


def test_good_folder_is_read_whole(lay: Lay) -> None:
    row = entry(facts=[1, 27], valid_from="2026-08-12", valid_until="2029-02-24", counter=["怎么取？"], note="按\n行")
    base = read_base(lay([row], [policy(number="国令第844号", issued="2026-08-18")]))
    (read,), (ground,) = base.entries, base.policies
    assert (read.key, read.status, read.level, read.facts) == ("a.one", EntryStatus.APPROVED, Level.A, (1, 27))
    assert (read.valid_from, read.valid_until) == (date(2026, 8, 12), date(2029, 2, 24))
    assert (read.counter, read.note) == (("怎么取？",), "按\n行")
    assert (ground.number, ground.issued, ground.valid_from) == ("国令第844号", date(2026, 8, 18), None)
    assert ground.articles[0].checked is False


def test_words_that_yaml_would_guess_at_stay_as_written(lay: Lay) -> None:
    row = entry(short="no", region="2026", note="1.50")
    text = yaml.safe_dump([row], allow_unicode=True, sort_keys=False).replace("'", "")
    (read,) = read_base(lay(text)).entries
    assert (read.short, read.region, read.note) == ("no", "2026", "1.50")


def test_field_with_nothing_behind_it_is_left_out(lay: Lay) -> None:
    text = yaml.safe_dump([entry()], allow_unicode=True, sort_keys=False) + "  valid_from:\n  superseded_by:\n"
    assert read_base(lay(text)).entries[0].valid_from is None


def test_empty_files_are_an_empty_base(lay: Lay) -> None:
    base = read_base(lay("# nothing yet\n", "# nothing yet\n"))
    assert (base.policies, base.entries, base.vocabulary) == ((), (), "")


@pytest.mark.parametrize(
    ("change", "marked", "said"),
    [
        ({"colour": "红"}, "colour:", "没有这个字段"),
        ({"valid_from": "2026-8-12"}, "valid_from:", "如 2026-08-12"),
        ({"valid_from": "2026-02-30"}, "valid_from:", "存在的日期"),
        ({"valid_from": "20260812"}, "valid_from:", "如 2026-08-12"),
        ({"valid_from": "1785888000"}, "valid_from:", "如 2026-08-12"),
        ({"valid_until": "明年"}, "valid_until:", "如 2026-08-12"),
        ({"key": "A.One"}, "key:", "小写字母"),
        ({"key": "a..one"}, "key:", "小写字母"),
        ({"key": "a/../b"}, "key:", "小写字母"),
        ({"topic": "天气"}, "topic:", "topic 只能是"),
        ({"short": "十七个字的短标题放不进选择列表里去"}, "short:", "最多 16 个字"),
        ({"standard": "两行\n字"}, "standard:", "一行"),
        ({"standard": "  "}, "standard:", "不能空着"),
        ({"answer": "\n"}, "answer:", "不能空着"),
        ({"status": "published"}, "status:", "只能填 'draft', 'approved' 或 'retired'"),
        ({"level": "D"}, "level:", "只能填 'A', 'B' 或 'C'"),
        ({"facts": ["一"]}, "- 一", "整数"),
        ({"facts": "63"}, "facts:", "列表"),
        ({"similar": ["只有一问"]}, "similar:", "至少要 6 项，现在只有 1 项"),
        ({"basis": []}, "basis:", "至少要 1 项"),
        ({"basis": [{"policy": "p1"}, "p1"]}, "- p1", "字段: 值"),
        ({"basis": [{"policy": "p1"}, {"policy": "P 2"}]}, "P 2", "小写字母"),
        (
            {"basis": [{"policy": "p1", "article": "第三条"}, {"policy": "p1", "artikel": "第四条"}]},
            "artikel",
            "没有这个字段",
        ),
        ({"similar": [*(f"问{n}" for n in range(6)), ""]}, "- ''", "不能空着"),
    ],
)
def test_fault_in_a_field_is_named_at_its_line(change: dict[str, Any], marked: str, said: str, lay: Lay) -> None:
    folder = lay([entry(key="a.zero", standard="另一问？", similar=[f"别的{n}" for n in range(6)]), entry()])
    before = len((folder / "entries" / "a.yaml").read_text("utf-8").splitlines())
    first = yaml.safe_load((folder / "entries" / "a.yaml").read_text("utf-8"))[0]
    lay([first, entry(**change)])
    lines = (folder / "entries" / "a.yaml").read_text("utf-8").splitlines()
    second = lines.index("- key: a.one") if "key" not in change else before // 2
    place = next(number for number, line in enumerate(lines, 1) if number > second and marked in line)
    if change.get("topic"):  # checked with the whole row, and named at its first line
        place = second + 1
    found = only(folder)
    assert found.startswith(f"entries/a.yaml 第 {place} 行，")
    assert said in found


@pytest.mark.parametrize(
    "name", ["key", "standard", "short", "topic", "region", "status", "level", "similar", "answer"]
)
def test_missing_field_is_named_with_the_line_of_its_entry(name: str, lay: Lay) -> None:
    assert only(lay([entry(**{name: None})])) == f"entries/a.yaml 第 1 行，{name}：缺少这一项，必须填写"


def test_missing_field_inside_a_list_is_named_with_the_line_of_its_item(lay: Lay) -> None:
    folder = lay(None, [policy(articles=[{"article": "第一条", "text": "甲"}, {"article": "第二条"}])])
    line = line_of(folder, "第二条", "policies.yaml")
    assert only(folder) == f"policies.yaml 第 {line} 行，articles.1.text：缺少这一项，必须填写"


def test_days_in_the_wrong_order_are_refused(lay: Lay) -> None:
    assert "valid_until 早于 valid_from" in only(lay([entry(valid_from="2026-08-12", valid_until="2026-08-11")]))


def test_question_asked_twice_in_an_entry_is_refused(lay: Lay) -> None:
    questions = [f"问{number}" for number in range(6)]
    assert "问法重复" in only(lay([entry(similar=[*questions, "问0"])]))
    assert "问法重复" in only(lay([entry(similar=[*questions, "公积金归谁？"])]))
    assert "反例" in only(lay([entry(similar=questions, counter=["问3"])]))


def test_article_stored_twice_is_refused(lay: Lay) -> None:
    article = {"article": "第三条", "text": "属于职工个人所有。"}
    assert "条文重复：第三条" in only(lay(None, [policy(articles=[article, article])]))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- key: a.one\n  similar: [一, 二\n  answer: x\n", 3),
        ("- key: a.one\n  standard: 'open\n", 3),
        ("- key: a.one\n\tshort: x\n", 2),
        ("- key: *nowhere\n", 1),
        ("- key: a.one\n- a: b: c\n", 2),
    ],
)
def test_broken_yaml_is_named_with_its_line(text: str, line: int, lay: Lay) -> None:
    assert only(lay(text)).startswith(f"entries/a.yaml 第 {line} 行：不合 YAML 写法")


def test_broken_utf8_is_named_with_its_line(lay: Lay) -> None:
    good = yaml.safe_dump([entry()], allow_unicode=True, sort_keys=False).encode()
    broken = good.replace("归职工个人。".encode(), "归职工个人。".encode("gbk"))
    place = good[: good.index(b"answer:")].count(b"\n") + 1
    assert only(lay(broken)) == f"entries/a.yaml 第 {place} 行：不是 UTF-8 编码，请用 UTF-8 另存"


def test_control_character_is_named_with_its_line(lay: Lay) -> None:
    assert only(lay("- key: a.one\n  note: x\x07y\n")).startswith("entries/a.yaml 第 2 行：有看不见的控制字符")


@pytest.mark.parametrize("text", ["key: a.one\n", "just words\n", "42\n"])
def test_top_level_that_is_not_a_list_is_refused(text: str, lay: Lay) -> None:
    assert only(lay(text)) == "entries/a.yaml 第 1 行：最外层要是一个列表（每项以 - 开头）"


def test_item_that_is_not_a_row_is_named_with_its_line(lay: Lay) -> None:
    good = yaml.safe_dump([entry()], allow_unicode=True, sort_keys=False)
    folder = lay(good + "- just words\n")
    assert only(folder) == f"entries/a.yaml 第 {line_of(folder, 'just words')} 行：这一项要由“字段: 值”组成"


def test_field_written_twice_is_named_with_its_second_line(lay: Lay) -> None:
    good = yaml.safe_dump([entry()], allow_unicode=True, sort_keys=False)
    folder = lay(good + "  region: 威海\n")
    assert only(folder) == f"entries/a.yaml 第 {line_of(folder, '威海')} 行：字段 region 写了两次"
    folder = lay(good.replace("    quote:", "    policy: p2\n    quote:"))
    assert only(folder) == f"entries/a.yaml 第 {line_of(folder, 'p2')} 行：字段 policy 写了两次"


@pytest.mark.parametrize("text", ["- [a, b]: c\n", "- ? {a: b}\n  : c\n"])
def test_field_name_that_is_no_word_is_refused(text: str, lay: Lay) -> None:
    assert faults(lay(text))[0].startswith("entries/a.yaml 第 1 行：字段名只能是一个词")


def test_file_that_refers_to_itself_is_refused(lay: Lay) -> None:
    assert any("嵌套太深" in line for line in faults(lay("- &a\n  note: *a\n")))


def test_references_to_references_are_refused_before_they_swell(lay: Lay) -> None:
    levels = [f"  x{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 30)}]" for level in range(2, 6)]
    text = "\n".join([f"- x1: &l1 [{', '.join(['x'] * 30)}]", *levels]) + "\n"
    assert "引用（& 和 *）太多" in only(lay(text))


def test_a_reference_or_two_is_read(lay: Lay) -> None:
    text = yaml.safe_dump([entry(note="x")], allow_unicode=True, sort_keys=False)
    row = text.replace("region: ", "region: &place ").replace("note: x", "note: *place")
    (read,) = read_base(lay(row)).entries
    assert read.note == read.region
