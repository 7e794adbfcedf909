"""Members of a DOCX or XLSX file, read with care: a small file can unpack to a huge one, and XML can refer outside."""

import lzma
import zipfile
import zlib
from io import BytesIO

from lxml import etree

from admin.report.reading.limits import LARGEST_TEXT, MOST_MEMBERS
from knowledge.errors import BadInputError

ENCRYPTED = 1
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    LookupError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)


class Archive:
    """A zip file of which only what is asked for is unpacked, and never more than LARGEST_TEXT of it."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        try:
            self.zip = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise BadInputError(f"{name} 的压缩包已损坏，打不开。请重新保存或重新下载。", "file") from None
        if len(self.zip.infolist()) > MOST_MEMBERS:
            raise BadInputError(f"{name} 里的文件太多，不像是一份年度报告。", "file")

    def names(self) -> set[str]:
        """What it holds."""
        return set(self.zip.namelist())

    def read(self, member: str) -> bytes:
        """One member's bytes."""
        try:
            locked = bool(self.zip.getinfo(member).flag_bits & ENCRYPTED)
            content = b"" if locked else self._unpacked(member)
        except BROKEN:
            raise BadInputError(f"{self.name} 已损坏（{member} 读不出来）。请重新保存或重新下载。", "file") from None
        if locked:
            raise BadInputError(f"{self.name} 加了密码，读不了。请另存一份不加密的。", "file")
        if len(content) > LARGEST_TEXT:
            raise BadInputError(f"{self.name} 解开后太大，不像是一份年度报告，没有读。", "file")
        return content

    def _unpacked(self, member: str) -> bytes:
        with self.zip.open(member) as file:
            return file.read(LARGEST_TEXT + 1)

    def xml(self, member: str) -> etree._Element:
        """One member as a tree: no document type, so no entities, and nothing fetched from anywhere."""
        content = self.read(member)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise BadInputError(f"{self.name} 已损坏（{member} 不是完好的 XML）。请重新保存。", "file") from None
        if root.getroottree().docinfo.doctype:
            raise BadInputError(f"{self.name} 带有文档类型声明，正常的文档不会有，为安全起见没有读。", "file")
        return root
