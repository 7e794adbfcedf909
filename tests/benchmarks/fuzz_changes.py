"""Changes that make hostile input of a sound sample: flips, cuts, splices, and pieces that have broken parsers before."""

from collections.abc import Callable, Sequence
from random import Random

SIZE_MAX = 64 * 1024
MANY = (1, 1, 1, 1, 2, 2, 3, 5)  # mostly one: what is changed too much is refused at the first look
PIECES: tuple[bytes, ...] = (
    b"\x00", b"\x08", b"\x1b[2J", b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xe2\x80\xae",  # signs unseen
    b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe5\x85", b"\xef\xbf\xbf",  # no UTF-8, or its edges
    b"9" * 40, b"9" * 5000, b"-1", b"0" * 300, b"1e999", b"-0.0", b"NaN", b"0x7fffffff", b"18446744073709551616",
    b"[" * 3000, b'{"a":' * 1000, b"]", b"}", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udfff\\ud83d", b"null", b"true",
    b"&lt;", b"&amp;#0;", b"&#0;", b"&#13;", b"&#xD800;", b"&#x110000;", b"&nobody;", b"&a;" * 50, b"]]>", b"<![CDATA[",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?xml version='1.0' encoding='utf-16'?>", b"<!--", b"<a>" * 300, b"</xml>",
    b"%", b"%00", b"%ff%fe", b"%u0041", b"&" * 60, b"=", b"==", b"+", b";", b"\n", b"\r\n", b"\r", b"\t", b" " * 200,
    b"- ", b": ", b"*a", b"&a ", b"!!python/object:os.system ", b"!!binary ", b"? ", b"| ", b"#", b"---\n", b"...\n", b"<<: ",
    "１２３٤５".encode(), "²".encode(), "İı".encode(), "👩‍👩‍👧".encode(), "é".encode() * 60, "问".encode() * 2000, b"A" * 20_000,
    b"PK\x03\x04", b"PK\x01\x02", b"../../etc/passwd", b"2026-02-30", b"0000-00-00", b"{{7*7}}", b"${x}", b"'; DROP TABLE",
)  # fmt: skip
Change = Callable[[bytes, Sequence[bytes], Random], bytes]


def _flipped(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randrange(len(data) or 1)
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :] if data else data


def _set(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _cut_off(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _left_out(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _doubled(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 50)) + data[end:]


def _moved(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(data, chance)
    rest, at = data[:start] + data[end:], chance.randrange(len(data) - (end - start) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _put_in(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(PIECES) + data[at:]


def _put_over(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + chance.choice(PIECES) + data[end:]


def _spliced(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _number(data: bytes, _others: Sequence[bytes], chance: Random) -> bytes:
    """A run of digits becomes another number."""
    digits = [at for at, sign in enumerate(data[:4000]) if 48 <= sign <= 57]
    if not digits:
        return data
    start = end = chance.choice(digits)
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    worth = chance.choice((0, 1, 3, 4, -1, 2**31, 2**63, 2**64, 10**30, 10**400))
    return data[:start] + str(worth).encode() + data[end:]


CHANGES: tuple[Change, ...] = (
    _flipped, _set, _cut_off, _left_out, _doubled, _moved, _put_in, _put_over, _spliced, _number,
)  # fmt: skip


def changed(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """The sample after one or a few changes; `others` is what may be spliced in."""
    for _ in range(chance.choice(MANY)):
        data = chance.choice(CHANGES)(data, others, chance)[:SIZE_MAX]
    return data


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    longest = chance.choice((1, 4, 16, 64, len(data) or 1))
    return start, min(len(data), start + chance.randint(0, longest))
