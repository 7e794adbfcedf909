"""The disclosure ledger 公开台账: it only grows, and every line carries the hash of the line before.

A correction is a new line that names the line it corrects and says why. A line may stand for several items
(`quantity`) where only a yearly count is known, as in counts taken over from before the service existed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.db import lock_ledger
from knowledge.tables import EarlierReply, LedgerLine, Reply, ReplyChange
from knowledge.vocabulary import LedgerKind

FIRST_PREVIOUS = "0" * 64
TABLE = LedgerLine.__table__  # type: ignore[attr-defined]
HASHED = [column.name for column in TABLE.columns if column.name != "hash"]


@dataclass(frozen=True)
class Line:
    """A line to be recorded: what was made public, where, when, by whom, what it rests on."""

    at: datetime
    kind: LedgerKind
    title: str
    by: str
    channel: str = ""
    address: str = ""
    quantity: int = 1
    source: str = ""
    question_id: int | None = None
    content: str = ""
    corrects: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many lines were read, and the first fault in words (None: the chain holds)."""

    lines: int
    fault: str | None
    seq: int | None = None


async def record(connection: AsyncConnection, lines: Sequence[Line], recorded_at: datetime) -> list[int]:
    """Append lines within the caller's transaction and return their numbers."""
    return await connection.run_sync(append, lines, recorded_at)


def append(connection: Connection, lines: Sequence[Line], recorded_at: datetime) -> list[int]:
    """The same on a connection of the hot path."""
    if not lines:
        return []
    lock_ledger(connection)
    last = connection.execute(select(TABLE.c.seq, TABLE.c.hash).order_by(TABLE.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, FIRST_PREVIOUS)
    rows = []
    for line in lines:
        seq += 1
        row = _row(line, seq, previous, recorded_at)
        row["hash"] = previous = line_hash(row)
        rows.append(row)
    connection.execute(insert(TABLE), rows)
    return [row["seq"] for row in rows]


def line_hash(row: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of every column but the hash itself; moments as UTC to the microsecond."""
    values = {name: _canonical(row[name]) for name in HASHED}
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def content_digest(text: str) -> str:
    """The digest a line keeps of the published text, so that a text changed afterwards shows."""
    return hashlib.sha256(text.encode()).hexdigest()


async def verify(connection: AsyncConnection) -> Verdict:
    """Prove the chain from its first line; then that every reply stands in it with the text that was sent."""
    expected, previous, read = 1, FIRST_PREVIOUS, 0
    result = await connection.stream(select(TABLE).order_by(TABLE.c.seq))
    async for found in result.mappings():
        row = dict(found)
        fault = _fault(row, expected, previous)
        if fault:
            return Verdict(read, fault, row["seq"])
        expected, previous, read = row["seq"] + 1, row["hash"], read + 1
    return await _verify_replies(connection, read)


def _fault(row: dict[str, Any], expected: int, previous: str) -> str | None:
    if row["seq"] != expected:
        return f"第 {expected} 行不见了，接下来是第 {row['seq']} 行"
    if row["previous"] != previous:
        return f"第 {expected} 行与前一行接不上"
    if row["hash"] != line_hash(row):
        return f"第 {expected} 行的内容在登记后被改动过"
    return None


async def _verify_replies(connection: AsyncConnection, read: int) -> Verdict:
    """Every reply, and every one a later reply took the place of, stands in the ledger with the text that was sent."""
    for table in (Reply.__table__, EarlierReply.__table__):  # type: ignore[attr-defined]
        fault = await _unmatched(connection, table)
        if fault:
            return Verdict(read, *fault)
    return await _verify_changes(connection, read)


async def _verify_changes(connection: AsyncConnection, read: int) -> Verdict:
    """Every correction and withdrawal stands in its line with the text the citizen reads."""
    changes = ReplyChange.__table__  # type: ignore[attr-defined]
    joined = changes.outerjoin(TABLE, TABLE.c.seq == changes.c.ledger_seq)
    wanted = select(changes.c.question_id, changes.c.text, TABLE.c.seq, TABLE.c.content_sha256).select_from(joined)
    async for row in await connection.stream(wanted.order_by(changes.c.id)):
        if row.seq is None:
            return Verdict(read, f"留言 {row.question_id} 的更正不在台账里（台账末尾可能被删过）")
        if row.content_sha256 != content_digest(row.text):
            return Verdict(read, f"第 {row.seq} 行登记的更正，正文与登记时不一致", row.seq)
    return Verdict(read, None)


async def _unmatched(connection: AsyncConnection, replies: Table) -> tuple[str, int | None] | None:
    lines = TABLE.alias()
    rows = await connection.stream(
        select(replies.c.id, replies.c.question_id, replies.c.text, lines.c.seq, lines.c.content_sha256)
        .select_from(replies.outerjoin(lines, lines.c.question_id == replies.c.question_id))
        .order_by(replies.c.id, lines.c.seq)
    )
    reply, matched, fault = 0, True, None
    async for row in rows:
        if row.id != reply:
            if not matched:
                return fault
            reply, matched, fault = row.id, False, None
        if row.seq is None:
            return f"留言 {row.question_id} 的回复不在台账里（台账末尾可能被删过）", None
        matched = matched or row.content_sha256 == content_digest(row.text)
        fault = fault or (f"第 {row.seq} 行登记的回复，正文与登记时不一致", row.seq)
    return None if matched else fault


def _row(line: Line, seq: int, previous: str, recorded_at: datetime) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": line.at,
        "recorded_at": recorded_at,
        "kind": line.kind.value,
        "channel": line.channel,
        "title": line.title,
        "address": line.address,
        "quantity": line.quantity,
        "by": line.by,
        "source": line.source,
        "question_id": line.question_id,
        "content_sha256": content_digest(line.content) if line.content else "",
        "corrects": line.corrects,
        "reason": line.reason,
        "previous": previous,
    }


def _canonical(value: object) -> object:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
