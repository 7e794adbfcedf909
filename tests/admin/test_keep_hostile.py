"""Backup files that were damaged, cut short or forged: refused with a sentence, and nothing is changed."""

import hashlib
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from admin import keep_archive, keep_restore
from bot.service import Service
from knowledge import settings
from knowledge.errors import BadInputError, StorageError
from knowledge.ledger import TABLE
from knowledge.settings import Settings
from tests.admin import test_keep
from tests.admin.test_keep import all_rows, make_backup, put_back, quiet

service = test_keep.service  # the fixture

Members = list[tuple[str, bytes]]
Forgery = Callable[[dict[str, Any], Members], None]


@pytest.fixture
def target(tmp_path: Path) -> Settings:
    """An empty place to restore into."""
    return settings.load({}, data=tmp_path / "target")


@pytest.fixture(scope="module")
async def origin(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder with some questions, and a sound backup of it."""
    data = tmp_path_factory.mktemp("origin")
    shutil.copy(sqlite_template, data / "zhengwen.db")
    chosen = settings.load({}, data=data, region="威海")
    async with test_keep.filled(chosen):
        pass
    await make_backup(chosen, data / "b.zip")
    return chosen


@pytest.fixture
def path(origin: Settings, tmp_path: Path) -> Path:
    """A copy of the sound backup."""
    return Path(shutil.copy(origin.data / "b.zip", tmp_path))


async def refused(target: Settings, path: Path, words: str) -> None:
    """Both the trial and the real thing say so, and nothing is there afterwards."""
    with pytest.raises((BadInputError, StorageError), match=words):
        await keep_restore.rehearse(target, path, accept_fault=False, progress=quiet)
    with pytest.raises((BadInputError, StorageError), match=words):
        await put_back(target, path)
    assert not target.data.exists()


def forge(path: Path, change: Forgery, method: int = zipfile.ZIP_DEFLATED) -> None:
    """Rewrite a backup with another manifest or other members, rightly sealed: what an attacker can make."""
    with zipfile.ZipFile(path) as packed:
        members = [(name, packed.read(name)) for name in packed.namelist() if name != keep_archive.MANIFEST]
        manifest = json.loads(packed.read(keep_archive.MANIFEST))
    change(manifest, members)
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.comment = b"0" * 64
        for name, content in [*members, (keep_archive.MANIFEST, json.dumps(manifest).encode())]:
            packed.writestr(name, content)
    reseal(path)


def reseal(path: Path) -> None:
    content = path.read_bytes()[:-64]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def flipped(content: bytes, place: int, bits: int) -> bytes:
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


def rows_of(table: str, content: Callable[[bytes], bytes]) -> Forgery:
    """Other rows in a table, with the digest that belongs to them."""

    def change(manifest: dict[str, Any], members: Members) -> None:
        name = keep_archive.table_member(table)
        place = [known for known, _ in members].index(name)
        new = content(members[place][1])
        members[place] = (name, new)
        [part] = [part for part in manifest["tables"] if part["table"] == table]
        part |= {"size": len(new), "sha256": hashlib.sha256(new).hexdigest()}

    return change


def file(name: str, content: bytes = b"x", **more: Any) -> Forgery:
    """One more file, named in the manifest as it should be."""

    def change(manifest: dict[str, Any], members: Members) -> None:
        members.append((name, content))
        part = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        manifest["files"].append(part | more)

    return change


def said(**more: Any) -> Forgery:
    """Another manifest."""
    return lambda manifest, members: manifest.update(more)


def unnamed(manifest: dict[str, Any], members: Members) -> None:
    members.append(("stowaway", b"x"))


def unsaid_table(manifest: dict[str, Any], members: Members) -> None:
    manifest["tables"] = [part for part in manifest["tables"] if part["table"] != "reply"]
    members[:] = [member for member in members if member[0] != keep_archive.table_member("reply")]


def moved_table(manifest: dict[str, Any], members: Members) -> None:
    members[:] = [(name.replace("tables/reply", "../../reply"), content) for name, content in members]
    for part in manifest["tables"]:
        part["name"] = part["name"].replace("tables/reply", "../../reply")


def without_a_row(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1])


FORGERIES: dict[str, Forgery] = {
    "a path out of the folder": file("secrets/../../evil"),
    "an absolute path": file("/etc/evil"),
    "a folder below": file("secrets/a/b"),
    "a hidden file": file("secrets/.evil"),
    "a file nobody asked for": file("evil"),
    "a file too large": file("secrets/large", b"x" * (keep_archive.MAX_FILE + 1)),
    "a wrong digest": file("secrets/wrong", sha256="0" * 64),
    "a wrong size": file("secrets/wrong", size=7),
    "a member the manifest does not name": unnamed,
    "a table missing": unsaid_table,
    "a table elsewhere": moved_table,
    "a row less": rows_of("reply", without_a_row),
    "a row twice": rows_of("ledger", lambda content: content + content.splitlines(keepends=True)[-1]),
    "a value too few": rows_of("reply", lambda content: content.replace(b"[1,", b"[", 1)),
    "a number that is text": rows_of("reply", lambda content: content.replace(b"[1,", b'["1",', 1)),
    "a number no database holds": rows_of(
        "reply", lambda content: content.replace(b"[1,", b"[99999999999999999999,", 1)
    ),
    "not JSON": rows_of("reply", lambda content: b"\xff" + content),
    "JSON too deep": rows_of("reply", lambda content: b"[" * 200_000 + b"\n" + content),
    "a reference to nothing": rows_of("reply", lambda content: content.replace(b"[1,2,", b"[1,999,", 1)),
    "another last hash": said(ledger={"lines": 3, "last_hash": "0" * 64}),
    "something unknown in the manifest": said(surprise=1),
    "another kind of file": said(format="another"),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_file_is_refused(forgery: Forgery, path: Path, target: Settings) -> None:
    forge(path, forgery)
    await refused(target, path, "什么都没有恢复")


async def test_what_is_forged_here_is_otherwise_sound(path: Path, target: Settings, origin: Settings) -> None:
    """Else the test above could pass for the wrong reason."""
    forge(path, lambda manifest, members: None)
    await put_back(target, path)
    assert await all_rows(target) == await all_rows(origin)


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_a_member_twice_is_refused(path: Path, target: Settings) -> None:
    forge(path, lambda manifest, members: members.append(members[0]))
    await refused(target, path, "什么都没有恢复")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
async def test_another_way_of_packing_is_refused(method: int, path: Path, target: Settings) -> None:
    forge(path, lambda manifest, members: None, method)
    await refused(target, path, "什么都没有恢复")


async def test_absurd_sizes_are_refused_before_anything_is_unpacked(
    path: Path, target: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(path, rows_of("reply", lambda content: b"0" * 30_000_000))
    monkeypatch.setattr(keep_archive, "SHRINKING_FREELY", 10_000_000)
    await refused(target, path, "大得不合常理")


async def test_too_little_room_is_said_before_anything_is_unpacked(
    path: Path, target: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_restore, "ROOM", 10**12)
    await refused(target, path, "磁盘空间不够")


@pytest.mark.parametrize("change", [said(format_version=2, new_in_version_2=True), said(migration="9999")])
async def test_a_newer_programs_backup_is_refused(change: Forgery, path: Path, target: Settings) -> None:
    forge(path, change)
    await refused(target, path, "更新的程序")


async def test_any_byte_changed_is_noticed(path: Path, target: Settings) -> None:
    sound, chance = read(path), random.Random(1)
    places = {0, 4, len(sound) - 1, len(sound) - 65, *chance.sample(range(len(sound)), 150)}
    for place in places:
        write(path, flipped(sound, place, 1 << chance.randrange(8)))
        with pytest.raises(BadInputError, match="什么都没有恢复"):
            await put_back(target, path)
    assert not target.data.exists()


async def test_a_file_cut_short_or_grown_is_noticed(path: Path, target: Settings) -> None:
    sound = read(path)
    cut = [sound[:length] for length in (0, 3, 4, 60, 100, len(sound) // 2, len(sound) - 1)]
    for content in (*cut, sound + b"0", sound * 2):
        write(path, content)
        with pytest.raises(BadInputError, match="什么都没有恢复"):
            await put_back(target, path)
    assert not target.data.exists()


async def test_garbage_inside_a_right_seal_is_refused(path: Path, target: Settings) -> None:
    """Whoever can reckon the seal can also break the zip below it."""
    sound, chance = read(path), random.Random(2)
    for place in chance.sample(range(4, len(sound) - 64), 30):
        write(path, flipped(sound, place, 0xFF))
        reseal(path)
        try:
            await keep_restore.rehearse(target, path, accept_fault=False, progress=quiet)
        except BadInputError:
            continue
        with zipfile.ZipFile(path) as packed:  # a byte that says nothing about the content, such as a date
            assert packed.testzip() is None
    assert not target.data.exists()


async def test_a_ledger_that_was_changed_is_restored_only_on_demand(
    service: Service,
    target: Settings,
    tmp_path: Path,
) -> None:
    async with service.database.writing_core() as connection:
        await connection.execute(update(TABLE).where(TABLE.c.seq == 2).values(title="改过"))
    await make_backup(service.settings, tmp_path / "b.zip")
    await refused(target, tmp_path / "b.zip", "第 2 行的内容在登记后被改动过")
    await keep_restore.restore(target, tmp_path / "b.zip", accept_fault=True, progress=quiet)
    assert await all_rows(target) == await all_rows(service.settings)
