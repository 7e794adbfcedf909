"""The shape of the project: sizes, names, import order, what may stand in a file, and that every page can be found."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STOREYS = ("knowledge", "bot", "admin")
FILE_MAX, WORDS_MAX, FUNCTION_MAX = 300, 400, 50
LONG_BY_NATURE = {"knowledge/vocabulary.py"}
GENERATED = "knowledge/migrations/versions/"
DRAWERS = {"utils", "util", "helpers", "helper", "misc", "common"}
SKIPPED = {".git", ".venv", ".hypothesis", "var", "build", "dist", "htmlcov", "node_modules"}
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:work|farm|root|home|Users)/\.?\w")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
LINK = re.compile(r"\]\(([^)#\s]+)")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that git would track: the tracked ones and the new ones; where git is not at hand, the folder's."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, check=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        found = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not _skipped(path)]
    return tuple(sorted(path for path in found if path.is_file()))


def _skipped(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part in SKIPPED or part.endswith(("_cache", ".egg-info")) or part == "__pycache__" for part in parts)


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_the_project_has_its_three_storeys() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in python_files()} >= {*STOREYS, "tests"}


def test_no_file_is_too_long() -> None:
    limits = {path: WORDS_MAX if name(path) in LONG_BY_NATURE else FILE_MAX for path in python_files()}
    too_long = {
        name(path): lines_of(path)
        for path, limit in limits.items()
        if not name(path).startswith(GENERATED) and lines_of(path) > limit
    }
    assert not too_long, f"split these by what they are about: {too_long}"


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in python_files()
        if not name(path).startswith(GENERATED)
        for node in functions(ast.parse(path.read_text("utf-8")))
        if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_MAX
    ]
    assert not too_long


def test_no_drawer_is_marked_misc() -> None:
    parts = {(name(path), part) for path in python_files() for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert not [where for where, part in parts if part in DRAWERS]


def test_every_python_file_says_what_lives_there() -> None:
    silent = [
        name(path)
        for path in python_files()
        if path.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent


def test_no_package_of_the_storeys_is_without_words() -> None:
    assert not [name(p) for p in python_files() if name(p).startswith(STOREYS) and not p.read_text("utf-8").strip()]


def test_every_folder_with_python_is_a_package() -> None:
    """Without `tests/__init__.py` and its like, `tests/bot` would hide the real `bot`."""
    folders = {path.parent for path in python_files()} - {ROOT}
    assert not [name(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in project_files()
        if path != Path(__file__)
        for number, line in enumerate((text_of(path) or "").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found


@pytest.mark.parametrize("path", ["/" + "work/main/x", "see /" + "root/.pip", '"/' + 'home/somebody"'])
def test_a_place_on_a_machine_is_recognised(path: str) -> None:
    assert MACHINE_PATH.search(path)


def test_nothing_is_left_for_later_in_a_comment() -> None:
    assert not [name(path) for path in project_files() if UNFINISHED.search(text_of(path) or "")]


def test_the_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_page_of_the_documents_can_be_reached_from_a_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += [linked for linked in _linked(page) if linked.suffix == ".md" and linked not in reached]
    pages = {path for path in project_files() if path.parent == ROOT / "docs"}
    assert pages
    assert not [name(path) for path in pages - reached]


def test_no_link_between_documents_is_broken() -> None:
    pages = [path for path in project_files() if path.suffix == ".md"]
    assert not [f"{name(page)} -> {linked}" for page in pages for linked in _linked(page) if not linked.exists()]


def _linked(page: Path) -> list[Path]:
    targets = LINK.findall(page.read_text("utf-8"))
    return [(page.parent / target).resolve() for target in targets if "://" not in target]
