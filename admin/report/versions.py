"""Signed-off reports as they were frozen: read back byte for byte, and proved unchanged.

A version's hash covers its number, who signed, the figures, the digests of its files, the reason of a correction and
the hash of the version before it (of any year), so that nothing can be changed or taken out of the middle unseen.
"""

import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value, number, shown
from knowledge.errors import NotFoundError
from knowledge.tables import ReportEvent, ReportFile, ReportVersion
from knowledge.vocabulary import ReportAction

FIRST_PREVIOUS = "0" * 64
PIECE = 1024 * 1024  # bytes of a packed piece, about
LEVEL = 6


@dataclass(frozen=True)
class Packed:
    """A file ready to be kept: packed pieces, and digest and size of what they unpack to."""

    pieces: tuple[bytes, ...]
    sha256: str
    size: int


@dataclass(frozen=True)
class VersionVerdict:
    """How many frozen reports were read, and the first fault in words (None: all are as they were signed)."""

    versions: int
    fault: str | None


class Packer:
    """Packs a file that comes in parts."""

    def __init__(self) -> None:
        self._packing, self._digest, self._size = zlib.compressobj(LEVEL), hashlib.sha256(), 0
        self._pieces: list[bytes] = []
        self._waiting = bytearray()

    def add(self, part: bytes) -> None:
        """Take the next part."""
        self._digest.update(part)
        self._size += len(part)
        self._keep(self._packing.compress(part))

    def done(self) -> Packed:
        """The whole file."""
        self._keep(self._packing.flush())
        if self._waiting:
            self._pieces.append(bytes(self._waiting))
        return Packed(tuple(self._pieces), self._digest.hexdigest(), self._size)

    def _keep(self, packed: bytes) -> None:
        self._waiting += packed
        while len(self._waiting) >= PIECE:
            self._pieces.append(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]


def pack(content: bytes) -> Packed:
    """Pack a file that is in memory."""
    packer = Packer()
    packer.add(content)
    return packer.done()


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What the pieces were packed from; zlib.error where they are damaged."""
    opened = zlib.decompressobj()
    for piece in pieces:
        yield opened.decompress(piece)
    yield opened.flush()


async def versions(session: AsyncSession, year: int) -> Sequence[ReportVersion]:
    """The signed versions of a year, oldest first."""
    wanted = select(ReportVersion).where(ReportVersion.year == year).order_by(col(ReportVersion.number))
    return (await session.exec(wanted)).all()


async def last_version(session: AsyncSession) -> ReportVersion | None:
    """The version signed last, of any year."""
    return (await session.exec(select(ReportVersion).order_by(col(ReportVersion.id).desc()).limit(1))).first()


async def version_of(session: AsyncSession, year: int, wanted: int) -> ReportVersion:
    """One version; NotFoundError says which there are."""
    found = await versions(session, year)
    for version in found:
        if version.number == wanted:
            return version
    there = "、".join(str(version.number) for version in found)
    raise NotFoundError(f"{year}年的报告没有第 {wanted} 版；" + (f"有第 {there} 版。" if there else "还没有签发过。"))


async def content(session: AsyncSession, version: ReportVersion, kind: str) -> AsyncIterator[bytes]:
    """A frozen file, a piece at a time."""
    if kind not in version.files:
        raise NotFoundError(f"签发的版本里没有 {kind} 文件；有 {'、'.join(version.files)}。")
    opened = zlib.decompressobj()
    part = 0
    while (piece := await session.get(ReportFile, (version.id, kind, part))) is not None:
        session.expunge(piece)
        yield opened.decompress(piece.content)
        part += 1
    yield opened.flush()


def as_text(values: Mapping[str, Value]) -> dict[str, str]:
    """Values as they are kept with a version, exact to the last place."""
    return {key: shown(value) for key, value in values.items()}


def from_text(kept: Mapping[str, str]) -> dict[str, Value]:
    """Values as they were."""
    words: dict[str, Value] = {state.label: state for state in (NOT_RECORDED, NOT_APPLICABLE)}
    return {key: words[text] if text in words else number(Decimal(text)) for key, text in kept.items()}


def version_hash(version: ReportVersion) -> str:
    """SHA-256 over the canonical JSON of every column but the row's own number and the hash itself."""
    values = {
        name: _canonical(getattr(version, name)) for name in ReportVersion.model_fields if name not in ("id", "hash")
    }
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


async def verify(session: AsyncSession) -> VersionVerdict:
    """Read every frozen file again and compare; then that every signing on record has its version."""
    found = (await session.exec(select(ReportVersion).order_by(col(ReportVersion.id)))).all()
    previous, numbers = FIRST_PREVIOUS, dict[int, int]()
    for read, version in enumerate(found):
        fault = _fault(version, previous, numbers.get(version.year, 0) + 1) or await _files(session, version)
        if fault:
            return VersionVerdict(read, f"{version.year}年报告第 {version.number} 版{fault}")
        previous, numbers[version.year] = version.hash, version.number
    signed = select(ReportEvent).where(ReportEvent.action == ReportAction.SIGNED)
    events = [event.year for event in (await session.exec(signed)).all()]
    for year in set(events):
        if events.count(year) != numbers.get(year, 0):
            fault = f"{year}年报告签发过 {events.count(year)} 次，现有 {numbers.get(year, 0)} 版"
            return VersionVerdict(len(found), fault)
    return VersionVerdict(len(found), None)


def _fault(version: ReportVersion, previous: str, expected: int) -> str | None:
    if version.number != expected:
        return f"之前缺第 {expected} 版"
    if version.previous != previous:
        return "与前一个签发的版本接不上"
    return None if version.hash == version_hash(version) else "的数据在签发后被改动过"


async def _files(session: AsyncSession, version: ReportVersion) -> str | None:
    for kind, kept in version.files.items():
        digest = hashlib.sha256()
        try:
            async for part in content(session, version, kind):
                digest.update(part)
        except zlib.error:
            return f"的 {kind} 文件已经损坏"
        if digest.hexdigest() != kept["sha256"]:
            return f"的 {kind} 文件与签发时不一致"
    return None


def _canonical(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
