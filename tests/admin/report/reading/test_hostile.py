"""What is no report, what is broken, and what was made to do harm: each is refused in one Chinese sentence."""

import io
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.report.reading import letters
from admin.report.reading.judge import read_report
from admin.report.reading.limits import LARGEST_TEXT, MOST_PAGES
from admin.report.reading.word import MAIN
from admin.report.render import render
from knowledge.errors import BadInputError
from tests.admin.report.reading.conftest import made_up, saved

REPORT = made_up(2023, {})
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def archive(members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    paper = io.BytesIO()
    with zipfile.ZipFile(paper, "w", kind) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return paper.getvalue()


def read_or_refused(path: Path) -> bool:
    """Whether it was read, or refused with a sentence; any other error is a fault of ours."""
    try:
        return 2019 <= read_report(path).year <= 2100
    except BadInputError as error:
        return "。" in str(error)


def refused(folder: Path, name: str, content: str | bytes, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason) as error:
        read_report(saved(folder, name, content))
    assert str(error.value).count("。") >= 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.txt", "", "是空的"),
        ("x.txt", "今天天气好。", "不是政府信息公开工作年度报告"),
        ("x.html", "<html><body><p>你好</p></body></html>", "不是政府信息公开工作年度报告"),
        ("x.html", "<table>" * 5000, "不是政府信息公开工作年度报告"),
        ("x.bin", b"\x00\x01\x02\xff\xfe\x00" * 50, "编码认不出来"),
        ("x.doc", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "旧版"),
        ("x.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "是图片"),
        ("x.docx", b"PK\x03\x04" + b"\x00" * 50, "已损坏"),
        ("x.zip", archive({"a.txt": b"a"}), "没有 Word 或 Excel"),
        ("x.docx", archive({MAIN: b"<a><b></a>"}), "不是完好的 XML"),
        ("x.docx", archive({MAIN: b"<a/>"}), "没有正文"),
        ("x.pdf", b"%PDF-1.7\n" + b"\x00" * 50, "不是完好的 PDF"),
        ("x.txt", "一、总体情况\n二、主动公开政府信息情况\n", "请用 --year"),
        ("x.txt", "某局2018年政府信息公开工作年度报告\n一、总体情况\n", "没有 2018 年的报告格式"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    refused(tmp_path, name, content, reason)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path: Path) -> None:
    bomb = archive({MAIN: b" " * (LARGEST_TEXT + 1)})
    assert len(bomb) < LARGEST_TEXT / 100
    refused(tmp_path, "x.docx", bomb, "解开后太大")


def test_a_file_with_too_many_members_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "x.docx", archive({f"{number}": b"" for number in range(5000)}), "里的文件太多")


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    secret = saved(tmp_path, "secret.txt", "机密")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    for types in (f'<!ENTITY e0 "ha">{levels}', f'<!ENTITY e9 SYSTEM "file://{secret}">'):
        xml = f'<!DOCTYPE d [{types}]><w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>'
        with pytest.raises(BadInputError, match=r"文档类型声明|不是完好的 XML"):
            read_report(saved(tmp_path, "x.docx", archive({MAIN: xml.encode()})))


def test_a_locked_docx_and_a_broken_member_are_told_apart(tmp_path: Path) -> None:
    whole = bytearray(archive({MAIN: b"<a/>"}, zipfile.ZIP_STORED))
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 8] |= 1
    refused(tmp_path, "x.docx", bytes(whole), "加了密码")
    damaged = bytearray(render(REPORT, "docx"))
    at = damaged.index(b"<w:body>")
    damaged[at : at + 4] = b"\x00\x01\x02\x03"
    refused(tmp_path, "x.docx", bytes(damaged), "已损坏")


def test_tables_of_absurd_size_are_refused_or_cut(tmp_path: Path) -> None:
    rows = "<tr><td>一</td></tr>" * 5000
    refused(tmp_path, "x.html", f"<html><table>{rows}</table></html>", "超过1000行")
    wide = '<html><table><tr><td colspan="9999" rowspan="9999">一</td></tr></table></html>'
    refused(tmp_path, "x.html", wide, "不是政府信息公开工作年度报告")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    with path.open("wb") as file:
        file.truncate(1024**3)
    with pytest.raises(BadInputError, match="太大"):
        read_report(path)


def test_a_scanned_a_locked_and_an_endless_pdf(tmp_path: Path) -> None:
    blank = FPDF()
    blank.add_page()
    blank.rect(10, 10, 50, 50)
    refused(tmp_path, "x.pdf", bytes(blank.output()), "扫描件")
    locked = FPDF()
    locked.set_encryption(owner_password="a", user_password="b")
    locked.add_page()
    refused(tmp_path, "x.pdf", bytes(locked.output()), "加了密码")
    endless = FPDF()
    for _ in range(201):
        endless.add_page()
    refused(tmp_path, "x.pdf", bytes(endless.output()), "超过200页")


def test_a_small_pdf_that_unpacks_to_a_huge_one_is_given_up(tmp_path: Path) -> None:
    """Two gigabytes of spaces as the drawing of one page, in two megabytes."""
    press = zlib.compressobj(9)
    head = press.compress(b"") or b"x\xda"
    piece = press.compress(b" " * 1024**2) + press.flush(zlib.Z_FULL_FLUSH)
    more = press.compress(b" " * 1024**2) + press.flush(zlib.Z_FULL_FLUSH)
    stream = (b"" if piece.startswith(head) else head) + piece + more * 2047 + press.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(stream), stream),
    ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % item for item in enumerate(objects, start=1))
    refused(tmp_path, "x.pdf", b"%PDF-1.4\n" + body + b"trailer<</Size 5/Root 1 0 R>>\n%%EOF", r"读不下去|扫描件")


def test_a_pdf_that_takes_too_much_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit itself is tried on a program that never ends in the place of the one that reads."""
    monkeypatch.setattr("admin.report.reading.pdf.SECONDS", 0.01)
    refused(tmp_path, "x.pdf", render(REPORT, "pdf"), "没有读完")


@settings(max_examples=60)
@given(
    at=st.floats(0, 1), piece=st.binary(min_size=1, max_size=40), kind=st.sampled_from(["html", "docx", "xlsx", "txt"])
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: float, piece: bytes, kind: str
) -> None:
    whole = WHOLE[kind]
    start = int(at * len(whole))
    path = saved(tmp_path_factory.mktemp("damaged"), f"x.{kind}", whole[:start] + piece + whole[start + len(piece) :])
    assert read_or_refused(path)


@settings(max_examples=30)
@given(at=st.floats(0, 1), piece=st.binary(min_size=1, max_size=40))
def test_a_damaged_pdf_is_read_or_refused(at: float, piece: bytes) -> None:
    whole = WHOLE["pdf"]
    start = int(at * len(whole))
    with suppress(ValueError):  # any other error is a fault of ours
        assert len(letters.pages(whole[:start] + piece + whole[start + len(piece) :])) <= MOST_PAGES


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = saved(
        tmp_path_factory.mktemp("any"),
        "x.txt",
        f"某局2023年政府信息公开工作年度报告\n一、总体情况\n{text}".encode("utf-8", "replace"),
    )
    assert read_or_refused(path)


WHOLE = {kind: render(REPORT, kind) for kind in ("html", "docx", "xlsx", "pdf")} | {"txt": "一、总体情况\n".encode()}
