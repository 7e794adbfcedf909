"""zhengwen ledger: import, refuse, undo, on the command line as people run it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from admin.__main__ import main

GOOD = "标题,发布日期,类型\n一条,2025-01-02,官网\n两条,2025-02-03,微博\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("ZHENGWEN_DATA", str(tmp_path / "data"))

    def command(*words: str) -> Result:
        return CliRunner().invoke(main, ["ledger", *words])

    return command


def written(folder: Path, text: str) -> str:
    path = folder / "list.csv"
    path.write_text(text, "utf-8")
    return str(path)


def test_import_twice_undo_and_import_again(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = written(tmp_path, GOOD)
    dry = run("import", file, "--dry-run")
    assert dry.exit_code == 0
    assert "2025 年  官方网站信息  1 行" in dry.output
    assert "没有改动" in dry.output
    assert "已登记 2 行（第 1 次导入）" in run("import", file).output
    again = run("import", file)
    assert again.exit_code == 1
    assert "已经导入过（第 1 次导入）" in again.output
    assert run("undo", "1", "--reason", "重来").exit_code == 0
    assert "已撤销" in run("imports").output
    assert run("undo", "1", "--reason", "重来").exit_code == 1
    assert "已登记 2 行（第 3 次导入）" in run("import", file).output
    assert "6 行" in CliRunner().invoke(main, ["verify"]).output


def test_faults_doubles_and_mappings(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    bad = run("import", written(tmp_path, GOOD + "三条,昨天,官网\n"))
    assert bad.exit_code == 1
    assert "第 4 行“发布日期”列" in bad.output
    assert "全部没有登记" in bad.output
    doubled = written(tmp_path, GOOD + "一条,2025-01-02,官网\n")
    assert run("import", doubled).exit_code == 1
    assert "已登记 2 行" in run("import", doubled, "--doubles", "skip").output
    odd = written(tmp_path, "甲,乙\n四条,2025-01-02\n")
    assert run("import", odd, "--map", "甲=day").exit_code == 1
    assert "看不懂" in run("import", odd, "--map", "甲").output
    assert "已登记 1 行" in run("import", odd, "--map", "甲=title", "--map", "乙=day", "--kind", "热线").output
