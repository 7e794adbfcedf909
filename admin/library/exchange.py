"""The base as one zip file: written for download, and read from an upload as from a stranger."""

import io
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import yaml

from knowledge.base import Base, read_base, write_base
from knowledge.errors import BadInputError
from knowledge.format import ENTRIES_NAME, POLICIES_NAME, VOCABULARY_NAME

FILES_MAX = 200
# Of all files together, unpacked. A base of ten thousand entries has about as much.
UNPACKED_MAX = 20 * 1024 * 1024
DEPTH_MAX = 8
# One folder around everything is common: that is how a folder is packed.
MEMBER = re.compile(
    rf"(?:[^/\\]{{1,80}}/)?(?:{POLICIES_NAME}|{VOCABULARY_NAME}|{ENTRIES_NAME}/[A-Za-z0-9._-]{{1,80}}\.yaml)"
)
WHAT = f"压缩包里只能有 {POLICIES_NAME}、{VOCABULARY_NAME} 和 {ENTRIES_NAME}/*.yaml"
# What reading a broken zip raises; the reader of the standard library trusts its headers more than they deserve.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, ArithmeticError, NotImplementedError, RuntimeError,
    ValueError, OSError,
)  # fmt: skip
# A fixed moment: the same base gives the same bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def packed(base: Base) -> bytes:
    """A base as a zip of the files `zhengwen export` writes; the same base gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="zhengwen-") as name:
        folder = Path(name)
        write_base(base, folder)
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), NO_TIME)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, path.read_bytes())
        return into.getvalue()


def unpacked(content: bytes) -> Base:
    """Read and check an uploaded zip; BadInputError says what is wrong with it, by file and line. Takes its time: not for the
    event loop."""
    with tempfile.TemporaryDirectory(prefix="zhengwen-") as name:
        folder = Path(name)
        (folder / ENTRIES_NAME).mkdir()
        for place, text in _members(content):
            _plain_yaml(place, text)
            (folder / place).write_bytes(text)
        if not (folder / POLICIES_NAME).exists() and not any((folder / ENTRIES_NAME).iterdir()):
            raise BadInputError(f"{WHAT}，现在一个也没有。", "file")
        return read_base(folder)


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > FILES_MAX:
                raise BadInputError(f"压缩包里的文件太多：最多 {FILES_MAX} 个。", "file")
            places = [_place(info) for info in infos]
            if len(set(places)) != len(places):
                raise BadInputError("压缩包里有重名的文件。", "file")
            left = UNPACKED_MAX
            for info, place in zip(infos, places, strict=True):
                with archive.open(info) as member:
                    text = member.read(left + 1)  # what the header says of the size is not believed
                left -= len(text)
                if left < 0:
                    raise BadInputError(f"解压后太大：最多 {UNPACKED_MAX // 1024 // 1024} MB。", "file")
                yield place, text
    except BROKEN as error:
        raise BadInputError("打不开：不是完整的 zip 文件，或者加了密码。", "file") from error


def _place(info: zipfile.ZipInfo) -> str:
    """Where a member belongs; nothing of its own path is used but the names that are known."""
    if not MEMBER.fullmatch(info.filename) or stat.S_ISLNK(info.external_attr >> 16):
        raise BadInputError(f"{WHAT}。", "file")
    parts = info.filename.split("/")
    return "/".join(parts[-2:]) if parts[-2:-1] == [ENTRIES_NAME] else parts[-1]


def _plain_yaml(name: str, text: bytes) -> None:
    """Refuse what YAML can hide: references that multiply, and nesting that exhausts whoever reads it."""
    if not name.endswith(".yaml"):
        return
    depth = 0
    try:
        for event in yaml.parse(text.decode("utf-8", "replace"), Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BadInputError(f"{name}：不能用 YAML 的引用（& 和 *），请写全。", "file")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEPTH_MAX:
                raise BadInputError(f"{name}：嵌套太深。", "file")
    except yaml.YAMLError:
        return  # the reader of the format says it better, with the line
