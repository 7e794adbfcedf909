"""The base out and in as a zip: equal bytes, a dry run first, four eyes, and nothing hostile gets through."""

import io
import stat
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import ClientResponse, FormData
from hypothesis import given
from hypothesis import strategies as st

from admin.library import exchange
from bot.service import Service
from knowledge.base import Base, write_base
from knowledge.errors import BadInputError
from knowledge.tables import Entry, Policy, Proposal
from tests.admin.conftest import Visitor, on_both, rows
from tests.admin.library.conftest import RATE, Decide, entry_row, number_in


def zipped(files: dict[str, str | bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return into.getvalue()


def files_of(base: Base, folder: Path) -> dict[str, str | bytes]:
    write_base(base, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }


async def upload(who: Visitor, content: bytes, name: str = "base.zip", **fields: str) -> ClientResponse:
    form = FormData()
    for key, value in {"csrf": who.csrf, **fields}.items():
        form.add_field(key, value)
    form.add_field("file", io.BytesIO(content), filename=name, content_type="application/zip")
    return await who.http.post("/library/exchange", data=form, allow_redirects=False)


def test_out_and_in_again_is_equal(small_base: Base) -> None:
    assert exchange.packed(small_base) == exchange.packed(small_base)
    again = exchange.unpacked(exchange.packed(small_base))
    assert {row.key: row for row in again.entries} == {row.key: row for row in small_base.entries}
    assert (again.policies, again.vocabulary) == (small_base.policies, small_base.vocabulary)


@on_both
async def test_a_dry_run_changes_nothing_and_an_import_waits_for_another_person(
    clerk: Visitor, reviewer: Visitor, service: Service, small_base: Base, tmp_path: Path, decide: Decide
) -> None:
    exported = await (await clerk.get("/library/export.zip")).read()
    same = await (await upload(clerk, exported, propose="1", why="原样")).text()
    assert "没有要导入的改动" in same

    files = files_of(small_base, tmp_path / "out")
    changed = str(files["entries/rate.yaml"]).replace("现在是1.50%", "现在是1.75%")
    content = zipped({**files, "entries/rate.yaml": changed})
    page = await (await upload(clerk, content)).text()
    assert "会改什么（还没有改）" in page
    assert f"修改 {RATE}" in page
    assert await rows(service, Proposal) == []

    silent = await upload(clerk, content, propose="1", why="")
    assert silent.status == 422
    number = number_in(await upload(clerk, content, propose="1", why="利率调整"))
    assert (await entry_row(service)).revision == 1
    assert (await decide(clerk, number)).status == 403
    assert (await decide(reviewer, number)).status == 303
    row = await entry_row(service)
    assert row.revision == 2
    assert row.answer.startswith("现在是1.75%")
    assert service.current.entries[RATE].answer == row.answer


BOMB = b"0" * (exchange.UNPACKED_MAX + 1)
ALIASES = "- key: &a x\n  title: *a\n"
DEEP = "[" * 100_000


def linked() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        info = zipfile.ZipInfo("policies.yaml")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return into.getvalue()


HOSTILE = [
    (b"not a zip", "不是完整的 zip"),
    (b"", "不是完整的 zip"),
    (zipped({}), "一个也没有"),
    (zipped({"../../evil.yaml": "x"}), "压缩包里只能有"),
    (zipped({"/policies.yaml": "[]"}), "压缩包里只能有"),
    (zipped({"entries/../../x.yaml": "x"}), "压缩包里只能有"),
    (zipped({"entries/a.py": "x"}), "压缩包里只能有"),
    (zipped({"policies.yaml": "[]", "one/policies.yaml": "[]"}), "重名"),
    (linked(), "压缩包里只能有"),
    (zipped({f"entries/{n}.yaml": "[]" for n in range(exchange.FILES_MAX + 1)}), "太多"),
    (zipped({"policies.yaml": BOMB}), "解压后太大"),
    (zipped({"policies.yaml": ALIASES}), "引用"),
    (zipped({"policies.yaml": DEEP}), "嵌套太深"),
    (zipped({"policies.yaml": b"\xff\xfe"}), "UTF-8"),
    (zipped({"policies.yaml": "a: b"}), "最外层"),
    (zipped({"policies.yaml": "- key: x"}), "policies.yaml 第 1 行"),
    (zipped({"policies.yaml": ": : :"}), "policies.yaml 第 1 行"),
]


@pytest.mark.parametrize(("content", "sentence"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_or_broken_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        exchange.unpacked(content)


@given(content=st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    for given_bytes in (content, zipped({"policies.yaml": content})):
        with suppress(BadInputError):
            exchange.unpacked(given_bytes)


@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_one_byte_changed_never_brings_down_the_reader(at: int, value: int) -> None:
    content = bytearray(zipped({"policies.yaml": "- key: a\n  title: b\n  level: B\n"}))
    content[at % len(content)] = value
    with suppress(BadInputError):
        exchange.unpacked(bytes(content))


async def test_an_upload_without_token_file_or_measure_is_refused(clerk: Visitor, service: Service) -> None:
    forged = Visitor(clerk.http, clerk.username, "0" * 64)
    assert (await upload(forged, zipped({"policies.yaml": "[]"}))).status == 403
    assert (await clerk.post("/library/exchange")).status == 422
    huge = await upload(clerk, b"x" * (3 * 1024 * 1024))
    assert huge.status == 413
    assert await rows(service, Proposal) == []


async def test_an_import_overtaken_by_an_approval_is_refused(
    clerk: Visitor, reviewer: Visitor, service: Service, small_base: Base, tmp_path: Path, decide: Decide
) -> None:
    files = files_of(small_base, tmp_path / "out")
    one = zipped({**files, "entries/rate.yaml": str(files["entries/rate.yaml"]).replace("1.50%", "1.75%")})
    two = zipped({**files, "entries/rate.yaml": str(files["entries/rate.yaml"]).replace("1.50%", "1.25%")})
    first = number_in(await upload(clerk, one, propose="1", why="一"))
    second = number_in(await upload(clerk, two, propose="1", why="二"))
    await decide(reviewer, first)
    assert (await decide(reviewer, second)).status == 409
    assert "1.75%" in (await entry_row(service)).answer
    assert len(await rows(service, Entry)) == len(small_base.entries)
    assert len(await rows(service, Policy)) == len(small_base.policies)
