"""What `zhengwen report check FILE...` prints: every file, every rule, both sides, and where."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from admin.report.checks import LEVELS, CheckResult
from admin.report.reading.judge import Checked, check_files
from admin.report.values import shown
from knowledge.errors import BadInputError

MARKS = {True: "符合", False: "不符", None: "无法判断（有未统计的数）"}


def check_and_show(paths: Sequence[Path], year: int | None, *, as_json: bool) -> None:
    """Ends with exit code 1 where a file could not be read or breaks a rule that must hold."""
    results = list(zip(paths, check_files(paths, year), strict=True))
    if as_json:
        click.echo(json.dumps([_as_dict(path, result) for path, result in results], ensure_ascii=False, indent=1))
    else:
        for path, result in results:
            _show(path, result, named=len(results) > 1)
    if not all(isinstance(result, Checked) and result.passed for _, result in results):
        sys.exit(1)


def line(result: CheckResult, place: str = "") -> str:
    """One rule in one line."""
    sides = f"{shown(result.left)} | {shown(result.right)}"
    where = f"  〔{place}〕" if place else ""
    return f"{MARKS[result.holds]}  {result.id}（{LEVELS[result.level]}）{result.label}：{sides}{where}"


def summary(results: Sequence[CheckResult]) -> str:
    """How many rules hold, do not, and cannot be told."""
    held, broken, unknown = (sum(result.holds is value for result in results) for value in (True, False, None))
    return f"勾稽核对：符合 {held}，不符 {broken}，无法判断 {unknown}。"


def _show(path: Path, result: Checked | BadInputError, *, named: bool) -> None:
    if isinstance(result, BadInputError):
        click.echo(f"错误：{result}", err=True)
        return
    if named:
        click.echo(f"{path}（{result.report.office or '单位不详'}，{result.report.year}年）")
    for finding in result.findings:
        click.echo(line(finding.result, finding.place if finding.result.holds is not True else ""))
    for note in result.notes:
        click.echo(f"注意  {note}。")
    click.echo(summary([finding.result for finding in result.findings]))


def _as_dict(path: Path, result: Checked | BadInputError) -> dict[str, object]:
    if isinstance(result, BadInputError):
        return {"file": str(path), "error": str(result)}
    return {
        "file": str(path),
        "office": result.report.office,
        "year": result.report.year,
        "passed": result.passed,
        "checks": [finding.as_dict() for finding in result.findings],
        "notes": list(result.notes),
    }
