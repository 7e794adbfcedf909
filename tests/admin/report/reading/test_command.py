"""`zhengwen report check FILE...`: what it prints, and its exit code."""

import json
from pathlib import Path

from click.testing import CliRunner

from admin.commands.yearly import report
from admin.report.render import render
from tests.admin.report.reading.conftest import OFFICE, made_up, saved
from tests.admin.report.reading.test_mutation import in_html, suqian

GOOD = made_up(2023, suqian())


def test_a_good_file(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.html", render(GOOD, "html"))
    done = CliRunner().invoke(report, ["check", str(path)])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].startswith("勾稽核对：符合 51，不符 0，无法判断 1。")


def test_several_files_good_broken_and_unreadable(tmp_path: Path) -> None:
    good = saved(tmp_path, "a.html", render(GOOD, "html"))
    wrong = saved(tmp_path, "b.html", in_html(GOOD, "t3.open.natural", "1"))
    empty = saved(tmp_path, "c.txt", "")
    done = CliRunner().invoke(report, ["check", str(good), str(wrong), str(empty)])
    assert done.exit_code == 1
    assert f"{good}（{OFFICE}，2023年）" in done.output
    assert (
        "不符  C3（必须成立）表三“三、本年度办理结果 （一）予以公开”行：自然人＋法人或其他组织五列＝总计：1191 | 17  〔第2张表第6行第10格〕"
        in done.output
    )
    assert f"错误：{empty} 是空的。" in done.output


def test_json_for_programs(tmp_path: Path) -> None:
    wrong = saved(tmp_path, "b.html", in_html(GOOD, "t4.review.total", "441"))
    empty = saved(tmp_path, "c.txt", "")
    done = CliRunner().invoke(report, ["check", "--json", str(wrong), str(empty)])
    assert done.exit_code == 1
    first, second = json.loads(done.output)
    assert (first["office"], first["year"], first["passed"], first["notes"]) == (OFFICE, 2023, False, [])
    (broken,) = [each for each in first["checks"] if each["holds"] is False]
    assert (broken["id"], broken["left"], broken["right"], broken["place"]) == ("C4", 441, 440, "第3张表第4行第5格")
    assert second == {"file": str(empty), "error": f"{empty} 是空的。"}


def test_the_year_can_be_given(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.html", render(GOOD, "html").decode().replace("2023年", "本年"))
    assert "请用 --year" in CliRunner().invoke(report, ["check", str(path)]).output
    assert CliRunner().invoke(report, ["check", str(path), "--year", "2023"]).exit_code == 0


def test_without_a_file_the_call_is_wrong() -> None:
    assert CliRunner().invoke(report, ["check"]).exit_code == 2
