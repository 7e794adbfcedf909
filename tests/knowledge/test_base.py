"""A whole knowledge base: what must fit together across files, and the base that is shipped."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.base import FAULTS_SHOWN, Base, read_base, write_base
from knowledge.entries import known_entries
from knowledge.errors import BadInputError
from knowledge.format import SIMILAR_MIN
from knowledge.vocabulary import EntryStatus, Level
from tests.knowledge.conftest import DATA, Lay, entry, policy
from tests.knowledge.test_format import faults, line_of, only

FACTS = range(1, 193)


def other(**changes: object) -> dict[str, object]:
    """A second good entry that asks something else."""
    return entry(**{"key": "b.two", "standard": "怎么取？", "similar": [f"取法{n}" for n in range(6)], **changes})


def test_folder_that_is_no_knowledge_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="不是知识库文件夹"):
        read_base(tmp_path)


def test_key_used_twice_is_named_with_both_places(lay: Lay) -> None:
    folder = lay([entry(), other(key="a.one")])
    found = only(folder)
    assert found.startswith(f"entries/a.yaml 第 {line_of(folder, '怎么取？') - 1} 行：key 重复（a.one）")
    assert found.endswith("前一处在 entries/a.yaml 第 1 行")


def test_key_used_twice_across_files_is_refused(lay: Lay) -> None:
    folder = lay([entry()])
    text = (folder / "entries" / "a.yaml").read_text("utf-8").replace("公积金", "钱")
    (folder / "entries" / "b.yaml").write_text(text, "utf-8")
    assert only(folder) == "entries/b.yaml 第 1 行：key 重复（a.one），前一处在 entries/a.yaml 第 1 行"


def test_policy_key_used_twice_is_refused(lay: Lay) -> None:
    assert "key 重复（p1）" in only(lay(None, [policy(), policy()]))


def test_basis_on_an_unknown_policy_is_refused(lay: Lay) -> None:
    assert only(lay([entry(basis=[{"policy": "p9"}])])) == "entries/a.yaml 第 17 行：依据的政策 p9 不存在"


def test_quote_that_does_not_stand_in_the_stored_text_is_refused(lay: Lay) -> None:
    basis = [{"policy": "p1"}, {"policy": "p1", "article": "第三条", "quote": "属于单位所有"}]
    assert only(lay([entry(basis=basis)])) == "entries/a.yaml 第 18 行：引文在 p1 第三条的存文里找不到：属于单位所有"


def test_quote_from_another_article_than_the_one_named_is_refused(lay: Lay) -> None:
    articles = [{"article": "第三条", "text": "属于职工个人所有。"}, {"article": "第四条", "text": "按月缴存。"}]
    folder = lay(
        [entry(basis=[{"policy": "p1", "article": "第四条", "quote": "属于职工"}])], [policy(articles=articles)]
    )
    assert "找不到：属于职工" in only(folder)
    part = [entry(basis=[{"policy": "p1", "article": "第三条第一款", "quote": "属于职工"}])]
    assert read_base(lay(part, [policy(articles=articles)])).entries[0].basis[0].article == "第三条第一款"


def test_reference_to_a_missing_successor_or_predecessor_is_refused(lay: Lay) -> None:
    assert "superseded_by 指向的条目 a.gone 不存在" in only(lay([entry(superseded_by="a.gone")]))
    assert only(lay(None, [policy(replaces="p0")])) == "policies.yaml 第 7 行：replaces 指向的政策 p0 不存在"


def test_same_question_in_two_entries_in_force_at_once_is_refused(lay: Lay) -> None:
    folder = lay([entry(valid_until="2026-08-12"), other(standard="公积金是谁的3", valid_from="2026-08-12")])
    line = line_of(folder, "standard: 公积金是谁的3")
    assert only(folder) == (f"entries/a.yaml 第 {line} 行：问法“公积金是谁的3”与 entries/a.yaml 第 1 行 的条目同时有效")


def test_same_question_before_and_after_a_day_is_allowed(lay: Lay) -> None:
    rows = [entry(valid_until="2026-08-11"), other(standard="公积金归谁？", valid_from="2026-08-12")]
    assert len(read_base(lay(rows)).entries) == 2


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_same_question_in_an_entry_that_is_not_approved_is_allowed(status: str, lay: Lay) -> None:
    assert len(read_base(lay([entry(), other(standard="公积金归谁？", status=status)])).entries) == 2


def test_faults_of_all_files_are_named_at_once(lay: Lay) -> None:
    folder = lay([entry(level="D", topic="x"), other(short=None)], [policy(level="Z")])
    (folder / "entries" / "c.yaml").write_text("- [1\n", "utf-8")
    (folder / "vocabulary.txt").write_bytes("公积金: 公基金\n住房: 房".encode() + b"\xff\n")
    found = faults(folder)
    named = [line.split(" ")[0] for line in found]
    assert named == ["policies.yaml", "entries/a.yaml", "entries/a.yaml", "entries/c.yaml", "vocabulary.txt"]
    assert found[-1].startswith("vocabulary.txt 第 2 行：不是 UTF-8")


def test_faults_across_rows_are_named_at_once(lay: Lay) -> None:
    found = faults(lay([entry(superseded_by="x"), other(basis=[{"policy": "p8"}, {"policy": "p9"}])]))
    assert [line.split("：")[1][:8] for line in found] == ["supersed", "依据的政策 p8", "依据的政策 p9"]


def test_many_faults_are_counted_and_the_first_are_shown(lay: Lay) -> None:
    with pytest.raises(BadInputError, match="有 40 处错误") as caught:
        read_base(lay([entry(key=f"a.k{n}", level="D") for n in range(40)]))
    assert str(caught.value).count("level") == FAULTS_SHOWN
    assert str(caught.value).endswith("另有 20 处")


def test_missing_file_of_policies_is_named(lay: Lay) -> None:
    folder = lay()
    (folder / "policies.yaml").unlink()
    assert only(folder).startswith("policies.yaml：打不开")


def test_what_is_written_reads_the_same(lay: Lay, tmp_path: Path) -> None:
    hard = entry(
        facts=[1, 2],
        answer="第一段：“是”。\n\n材料：\n1. 甲 # 乙\n2. 'x': \"y\"",
        note="no",
        region="2026",
        counter=["- 否", "~"],
    )
    base = read_base(
        lay([hard, other(valid_from="2026-08-12", status="draft")], [policy(number="〔2026〕1号", note="a: b")])
    )
    base = Base(base.policies, base.entries, "公积金: 公基金 | |\n")
    assert write_base(base, tmp_path / "out") == 4
    assert read_base(tmp_path / "out") == base


def test_shipped_base_is_in_canonical_form(shipped: Base, tmp_path: Path) -> None:
    count = write_base(shipped, tmp_path)
    written = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    kept = {file.relative_to(DATA): file.read_bytes() for file in DATA.rglob("*") if file.suffix in (".yaml", ".txt")}
    assert count == len(kept)
    assert written == kept


def test_shipped_base_has_enough_approved_entries_with_enough_questions(shipped: Base) -> None:
    approved = [row for row in shipped.entries if row.status is EntryStatus.APPROVED]
    assert len(approved) >= 130
    assert all(len(row.similar) >= SIMILAR_MIN >= 6 for row in approved)


def test_shipped_base_covers_every_fact(shipped: Base) -> None:
    covered = {fact for row in shipped.entries for fact in row.facts}
    assert covered == set(FACTS)


def test_every_shipped_entry_is_in_force_on_some_day(shipped: Base) -> None:
    never = []
    for known in known_entries(shipped, {}):
        edges = [known.valid_from, known.valid_until, *(line.valid_from for line in known.basis)]
        days = [*(day for day in edges if day), date(1990, 1, 1), date(2026, 11, 23)]
        if not any(known.in_force(day) for day in days):
            never.append(known.key)
    assert never == []


def test_no_verified_shipped_entry_rests_on_unverified_policies_alone(shipped: Base) -> None:
    levels = {row.key: row.level for row in shipped.policies}
    weak = [
        row.key
        for row in shipped.entries
        if row.level is not Level.C and all(levels[line.policy] is Level.C for line in row.basis)
    ]
    assert weak == []


def test_successor_of_a_shipped_entry_begins_the_day_after(shipped: Base) -> None:
    rows = {row.key: row for row in shipped.entries}
    pairs = [(row, rows[row.superseded_by]) for row in shipped.entries if row.superseded_by]
    assert pairs
    for old, new in pairs:
        assert old.valid_until, old.key
        assert new.valid_from == old.valid_until + timedelta(days=1), old.key
