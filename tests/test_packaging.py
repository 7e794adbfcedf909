"""What leaves the house is whole: the wheel, the image, the Compose file, the lock files, the Makefile."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from knowledge.settings import PREFIX, Settings, secret_names

ROOT = Path(__file__).parent.parent
STOREYS = ("knowledge", "bot", "admin")
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
NOT_SHIPPED = {"__pycache__", ".mypy_cache", ".ruff_cache"}
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def tool(name: str) -> Path:
    return Path(sys.executable).parent / name


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy: a build must leave nothing behind in the project."""
    source = tmp_path_factory.mktemp("source")
    for folder in STOREYS:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns(*NOT_SHIPPED))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", source / "out", source],
        check=True,
    )  # fmt: skip
    (made,) = (source / "out").glob("*.whl")
    return zipfile.ZipFile(made)


def shipped_files() -> Iterator[str]:
    for storey in STOREYS:
        for path in (ROOT / storey).rglob("*"):
            if path.is_file() and not NOT_SHIPPED & set(path.parts) and path.suffix != ".pyc":
                yield path.relative_to(ROOT).as_posix()


def test_the_wheel_holds_every_file_of_the_storeys(wheel: zipfile.ZipFile) -> None:
    assert not set(shipped_files()) - set(wheel.namelist())


@pytest.mark.parametrize(
    "pattern",
    [
        r"bot/templates/base\.html",
        r"bot/static/site\.css",
        r"admin/templates/.+\.html",
        r"admin/report/form\.yaml",
        r"admin/report/templates/.+",
        r"knowledge/data/policies\.yaml",
        r"knowledge/data/vocabulary\.txt",
        r"knowledge/data/entries/.+\.yaml",
        r"knowledge/migrations/versions/0001_.+\.py",
        r"zhengwen-.+\.dist-info/licenses/LICENSE",
    ],
)
def test_the_wheel_holds_what_the_service_reads(wheel: zipfile.ZipFile, pattern: str) -> None:
    assert any(re.fullmatch(pattern, name) for name in wheel.namelist())


def test_the_wheel_holds_no_tests_and_no_data_of_ours(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == set(STOREYS)


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "zhengwen = admin.__main__:main" in wheel.read(name).decode()


def locked(name: str) -> dict[str, set[str]]:
    """Each package with its versions: a lock for all Pythons may name several, for different ones."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        found = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)", line)
        if found:
            versions.setdefault(canonicalize_name(found[1]), set()).add(found[2])
    return versions


def wanted(lock: str) -> list[Requirement]:
    project = PROJECT["project"]
    lists = {
        "requirements.lock": project["dependencies"],
        "requirements-build.lock": PROJECT["dependency-groups"]["build"],
        "requirements-dev.lock": project["dependencies"] + project["optional-dependencies"]["dev"],
    }
    return [Requirement(line) for line in lists[lock]]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_lock_file_holds_what_the_project_asks_for(lock: str) -> None:
    versions = locked(lock)
    missing = [
        str(need)
        for need in wanted(lock)
        if not any(need.specifier.contains(found) for found in versions.get(canonicalize_name(need.name), ()))
    ]
    assert not missing, f"run `make lock`: {missing}"


def test_the_lock_files_agree_on_every_version() -> None:
    first = locked("requirements.lock")
    for lock in LOCKS[1:]:
        assert not {name: found for name, found in locked(lock).items() if first.setdefault(name, found) != found}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert not [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block]
    assert not re.search(r"file:|https?://|--(?:extra-)?index-url|--find-links", text)


def test_the_dockerfile_has_no_findings() -> None:
    done = subprocess.run([tool("hadolint"), ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stdout.strip()


def known_variables() -> set[str]:
    files = {f"{name}_file" for name in secret_names()}
    return {f"{PREFIX}{name.upper()}" for name in {*Settings.model_fields, *files, "config"}}


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml"])
def test_only_settings_that_exist_are_named(file: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+", (ROOT / file).read_text("utf-8")))
    assert named
    assert named <= known_variables()


def test_everything_the_image_copies_exists_and_is_sent_to_the_builder() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    copied = {source for line in lines for source in line.split()[:-1]}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied
    assert copied <= allowed
    assert not [source for source in copied if not (ROOT / source).exists()]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return read


def test_the_compose_file_names_only_what_it_defines(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(compose["volumes"])
        assert set(service.get("depends_on", [])) <= set(compose["services"])


def test_the_compose_file_holds_no_password_and_keeps_the_staff_site_on_this_machine(compose: dict[str, Any]) -> None:
    variables = {
        name: value for service in compose["services"].values() for name, value in service["environment"].items()
    }
    secret = {name: value for name, value in variables.items() if "PASSWORD" in name or "DATABASE_URL" in name}
    assert secret
    assert all(name.endswith("_FILE") and str(value).startswith("/run/secrets/") for name, value in secret.items())
    staff = [port for service in compose["services"].values() for port in service.get("ports", []) if "8081" in port]
    assert staff == ["127.0.0.1:8081:8081"]


def test_make_lists_every_target_with_its_sentence() -> None:
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert targets == {line.split()[1] for line in done.stdout.splitlines()}
    assert {"install", "run", "wechat-demo", "test", "check", "docs", "lock", "bench", "soak", "clean"} <= targets
    assert all(len(line.split()) > 3 for line in done.stdout.splitlines())
