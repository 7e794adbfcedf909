"""The backup file: a zip with fixed member names, a manifest that names every member, and a digest over all of it.

The last 64 bytes (the zip's comment) are the SHA-256 of every byte before them, so that a file cut short or changed
anywhere is known before anything is read from it. Nothing is ever unpacked by the name it carries.
"""

import errno
import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from admin.keep_rows import Columns
from knowledge.errors import BadInputError

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
SETTINGS_FILE = "zhengwen.toml"
SECRETS = "secrets/"
KEY_NAME = "secret_key"
SECRET_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}", re.ASCII)
DIGEST_LENGTH = 64
CHUNK = 1024 * 1024
MAX_MANIFEST, MAX_FILE, MAX_LINE = 4 * CHUNK, CHUNK, 64 * CHUNK
# Lines of text shrink to a tenth, rarely to a fiftieth; what claims more is made to fill a disk.
MAX_SHRINKING, SHRINKING_FREELY = 200, 256 * CHUNK
FASTEST_WORTHWHILE = 3  # of zlib's levels: half the time of the usual 6 for a tenth more bytes

# What zipfile raises over a member that is not what its headers say.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)

DAMAGED = "备份文件不完整或者被改动过，什么都没有恢复。请换一份备份，或从原处重新复制这个文件。"
FOREIGN = "这不是政问的备份文件，什么都没有恢复。请检查文件名。"
NEWER = "这个备份是更新的程序做的，这个版本读不了，什么都没有恢复。请安装做备份的那个版本或更新的版本。"


class Strict(BaseModel):
    """Nothing is converted and nothing unknown is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Strict):
    """A member: its size unpacked, and its digest."""

    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class TablePart(Part):
    """A table's rows; the member's name follows from the table's."""

    table: str = Field(pattern="^[a-z_][a-z0-9_]{0,62}$")
    rows: int = Field(ge=0)
    columns: Columns


class LedgerEnd(Strict):
    """How long the ledger was, and its last hash."""

    lines: int
    last_hash: str


class Manifest(Strict):
    """What the file holds and how it came about."""

    format: Literal["zhengwen-backup"]
    format_version: int
    program: str
    migration: str
    made_at: str
    database: str
    ledger: LedgerEnd
    tables: tuple[TablePart, ...]
    files: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """All bytes of all members, unpacked."""
        return sum(part.size for part in (*self.tables, *self.files))


class Measured:
    """Counts and digests what is written through it."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Pass on."""
        self._sink.write(data)
        self._digest.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """The digest so far."""
        return self._digest.hexdigest()


def table_member(table: str) -> str:
    """Where a table's rows lie."""
    return f"tables/{table}.jsonl"


@contextmanager
def packing(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A zip to be filled; at the end it is sealed with its digest and put on the disk."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=FASTEST_WORTHWHILE) as packed:
        packed.comment = b"0" * DIGEST_LENGTH
        yield packed
    end = file.seek(-DIGEST_LENGTH, os.SEEK_END)
    seal = _digest_of(file, end)
    file.seek(end)
    file.write(seal.encode())
    file.flush()
    os.fsync(file.fileno())


def pack(packed: zipfile.ZipFile, name: str, content: bytes) -> Part:
    """Add a small member."""
    packed.writestr(name, content)
    return Part(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


class Archive:
    """A backup file that has passed every check that needs no database."""

    def __init__(self, packed: zipfile.ZipFile, manifest: Manifest) -> None:
        self._packed = packed
        self.manifest = manifest

    def batches(self, part: Part) -> Iterator[list[bytes]]:
        """A member's lines, some at a time; BadInputError where size or digest are not the manifest's."""
        digest, rest = hashlib.sha256(), b""
        with _readable(), self._packed.open(part.name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > MAX_LINE:
                    raise BadInputError(DAMAGED)
                yield lines
        if rest or digest.hexdigest() != part.sha256:
            raise BadInputError(DAMAGED)

    def file(self, part: Part) -> bytes:
        """A small member, whole."""
        content = _read(self._packed, part.name, MAX_FILE)
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise BadInputError(DAMAGED)
        return content


@contextmanager
def unpacking(path: Path) -> Iterator[Archive]:
    """Open a backup file and check it: seal, manifest, members, sizes."""
    with path.open("rb") as file:
        _check_seal(file)
        try:
            packed = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise BadInputError(FOREIGN) from error
        with packed:
            manifest = _manifest(packed)
            _check_members(packed, manifest)
            yield Archive(packed, manifest)


def _check_seal(file: IO[bytes]) -> None:
    if file.read(4) != b"PK\x03\x04":
        raise BadInputError(FOREIGN)
    if file.seek(0, os.SEEK_END) < DIGEST_LENGTH:
        raise BadInputError(DAMAGED)
    end = file.seek(-DIGEST_LENGTH, os.SEEK_END)
    seal = _digest_of(file, end)
    if file.read(DIGEST_LENGTH) != seal.encode():
        raise BadInputError(DAMAGED)
    file.seek(0)


def _digest_of(file: IO[bytes], end: int) -> str:
    """SHA-256 of the first bytes of a file; it stands behind them afterwards."""
    file.seek(0)
    digest = hashlib.sha256()
    while end and (chunk := file.read(min(CHUNK, end))):
        digest.update(chunk)
        end -= len(chunk)
    return digest.hexdigest()


def _manifest(packed: zipfile.ZipFile) -> Manifest:
    if MANIFEST not in packed.namelist():
        raise BadInputError(FOREIGN)
    text = _read(packed, MANIFEST, MAX_MANIFEST)
    version = re.search(rb'"format_version":\s*(\d{1,9})', text)
    if version and int(version[1]) > FORMAT_VERSION:
        raise BadInputError(NEWER)
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise BadInputError(DAMAGED) from error


def _check_members(packed: zipfile.ZipFile, manifest: Manifest) -> None:
    """Exactly the members the manifest names, under the only names there can be, of the sizes it says."""
    stated = {part.name: part.size for part in (*manifest.tables, *manifest.files)}
    found = {member.filename: member.file_size for member in packed.infolist() if member.filename != MANIFEST}
    twice = len(packed.infolist()) != len(found) + 1 or len(stated) != len(manifest.tables) + len(manifest.files)
    strange: list[object] = [part for part in manifest.tables if part.name != table_member(part.table)]
    strange += [member for member in packed.infolist() if member.compress_type != zipfile.ZIP_DEFLATED]
    if twice or strange or found != stated or not all(_may_stand(part) for part in manifest.files):
        raise BadInputError(DAMAGED)
    shrunk = sum(member.compress_size for member in packed.infolist())
    if manifest.size > max(SHRINKING_FREELY, MAX_SHRINKING * shrunk):
        raise BadInputError("备份文件展开后大得不合常理，可能是有人伪造的，什么都没有恢复。")


def _may_stand(part: Part) -> bool:
    name = part.name.removeprefix(SECRETS)
    is_secret = name != part.name and SECRET_NAME.fullmatch(name)
    return part.size <= MAX_FILE and bool(is_secret or part.name == SETTINGS_FILE)


@contextmanager
def _readable() -> Iterator[None]:
    """What zipfile says of a member that is not what its headers say, as BadInputError; a disk's own error stays one."""
    try:
        yield
    except UNREADABLE as error:
        raise BadInputError(DAMAGED) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a forged place before the beginning of the file
            raise
        raise BadInputError(DAMAGED) from error


def _read(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    with _readable(), packed.open(name) as member:
        content = member.read(most + 1)
    if len(content) > most:
        raise BadInputError(DAMAGED)
    return content
