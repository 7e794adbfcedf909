"""Texts as WeChat shows them: within the byte limit, cut at a sentence, nothing of the outside becoming a link.

Source: 微信官方文档 被动回复用户消息. The page gives no limit; 2048 bytes of UTF-8 is what the sister product documents.
"""

import re

LIMIT = 2048
ROOM = 24  # for the query password that is put in at the end, and the ellipsis
_ENDS = re.compile(r"[。！？；\n]")
_LINK_UNSAFE = str.maketrans({"<": "＜", ">": "＞", "&": "＆", '"': "＂", "#": "＃", "%": "％"})
BETWEEN = "\n\n"


def tame(text: str) -> str:
    """WeChat makes links of `<a …>` in a text; in what we did not write ourselves there shall be none."""
    return text.replace("<", "＜")


def fitted(body: str, tail: str, cut_note: str, limit: int = LIMIT) -> str:
    """Body and tail; if they are too long together, the body is cut at a sentence and the note says where the rest is."""
    whole = _joined(body, tail)
    if size(whole) + ROOM <= limit:
        return whole
    room = limit - ROOM - size(_joined("…", _joined(cut_note, tail)))
    return _joined(cut(body, room) + "…", _joined(cut_note, tail))


def cut(text: str, room: int) -> str:
    """At most `room` bytes, ending with a sentence where one ends in the second half, never inside a character."""
    kept = text.encode()[: max(room, 0)].decode("utf-8", "ignore")
    if kept == text:
        return text
    ends = [found.end() for found in _ENDS.finditer(kept)]
    return kept[: ends[-1]].rstrip() if ends and ends[-1] > len(kept) // 2 else kept


def size(text: str) -> int:
    """Bytes as WeChat counts them."""
    return len(text.encode())


def menu_link(label: str, mark: str) -> str:
    """A line the user can tap: it comes back as a text message with the label, free of any quota."""
    safe = label.translate(_LINK_UNSAFE)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={safe}&msgmenuid={mark}">{safe}</a>'


def _joined(first: str, second: str) -> str:
    return first + BETWEEN + second if first and second else first or second
