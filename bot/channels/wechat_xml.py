"""XML as WeChat sends and takes it: read with every door shut, written so that no content can break out.

Source: 微信官方文档 接收普通消息, 被动回复用户消息. WeChat passes control characters of its users through unescaped, which
no XML parser takes: they are removed before reading, and again before writing.
"""

import re
from xml.parsers import expat

BODY_MAX = 128 * 1024  # the longest text WeChat lets a user send is a fraction of this, encrypted and doubled
DEPTH_MAX = 6
ELEMENTS_MAX = 200
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Fields = dict[str, "str | Fields"]


class BadXmlError(Exception):
    """Not a document WeChat would send."""


class _Reader:
    """Builds nested fields; of repeated names inside lists the first counts, at the top they are refused."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.levels: list[Fields] = [{}]
        self.texts: list[list[str]] = [[]]
        self.elements = 0

    def doctype(self, *_given: object) -> None:
        raise BadXmlError("a document type is not allowed")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        if len(self.names) >= DEPTH_MAX or self.elements > ELEMENTS_MAX:
            raise BadXmlError("too deep or too many elements")
        self.names.append(name)
        self.levels.append({})
        self.texts.append([])

    def characters(self, text: str) -> None:
        self.texts[-1].append(text)

    def end(self, _name: str) -> None:
        name, level, text = self.names.pop(), self.levels.pop(), "".join(self.texts.pop())
        parent = self.levels[-1]
        if name in parent and len(self.names) == 1:
            raise BadXmlError("an element stands twice")
        parent.setdefault(name, level or text)


def parse(data: bytes) -> Fields:
    """The fields of `<xml>…</xml>`; BadXmlError for anything else. UTF-8 only, whatever the document says of itself."""
    try:
        text = plain(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadXmlError("not UTF-8") from None
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.buffer_text = True
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        raise BadXmlError("not well-formed") from None
    found = reader.levels[0].get("xml")
    if not isinstance(found, dict):
        raise BadXmlError("the root is not <xml> with elements")
    return found


def plain(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold."""
    return _CONTROL.sub("", text)


def write(fields: dict[str, str | int]) -> bytes:
    """`<xml>` with one element for each field: text in CDATA, numbers bare."""
    parts = [f"<{name}>{value if isinstance(value, int) else _cdata(value)}</{name}>" for name, value in fields.items()]
    return f"<xml>{''.join(parts)}</xml>".encode()


def _cdata(text: str) -> str:
    return "<![CDATA[" + plain(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
