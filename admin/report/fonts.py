"""Chinese fonts of the system for the PDF file: the official ones where they are, else free ones, else a clear sentence.

A font is told by the name of its file, so that looking for one opens none. Which one was found decides the bytes of the
file: two machines give the same bytes only with the same fonts.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTCollection, TTLibError

from knowledge.errors import BadInputError

TITLE, BODY, HEADING, SUBHEADING, TABLE = "title", "body", "heading", "subheading", "table"
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
SERIF = ("NotoSerifCJK-Regular", "NotoSerifCJKsc-Regular", "NotoSerifSC-Regular", "SourceHanSerif(SC|CN)?-Regular")
SERIF_BOLD = tuple(name.replace("Regular", "(Bold|SemiBold)") for name in SERIF)
SANS = ("NotoSansCJK-Regular", "NotoSansCJKsc-Regular", "NotoSansSC-Regular", "SourceHanSans(SC|CN)?-Regular")
SONG = ("simsun", "STSONG", "宋体", *SERIF, "uming", "fzssjw", "方正书宋.*")
HEI = ("simhei", "黑体", "STHEITI", *SANS, "wqy-zenhei", "wqy-microhei")
# GB/T 9704: 小标宋 for the title, 仿宋 for the text, 黑体 and 楷体 for headings. After each what may stand in for it.
WANTED: dict[str, tuple[str, ...]] = {
    TITLE: ("FZXBSJW.*", "FZXiaoBiaoSong.*", "方正小标宋.*", *SERIF_BOLD, *SONG, *HEI),
    BODY: ("simfang", "FangSong.*", "仿宋.*", "STFANGSO", "Zhuque.*Fangsong.*", "fzfsjw", *SONG, *HEI),
    HEADING: (*HEI, *SONG),
    SUBHEADING: ("simkai", "KaiTi.*", "楷体.*", "STKAITI", "LXGWWenKai.*-Regular", "ukai", "fzktjw", *SONG, *HEI),
    TABLE: (*SONG, *HEI),
}
MISSING = (
    "没有找到中文字体，做不出 PDF。请安装一种（Debian、Ubuntu：apt install fonts-noto-cjk；"
    "麒麟、统信等：安装 Noto CJK 或思源宋体），或把字体文件放进一个文件夹，用 report_font_dir 指明。"
)
SIMPLIFIED = re.compile(r"\b(?:SC|CN)\b")


@dataclass(frozen=True)
class Font:
    """A font file, and which font within it where it is a collection."""

    path: Path
    face: int = 0


def find(folder: str = "", places: Sequence[Path] | None = None) -> dict[str, Font]:
    """A font for each role: from a folder of the office's own, else from `places` (the system's usual ones)."""
    if folder and not Path(folder).is_dir():
        raise BadInputError(f"report_font_dir 指明的文件夹 {folder} 不存在。", "report_font_dir")
    own = sorted(_files(Path(folder))) if folder else []
    others = [path for place in (_usual() if places is None else places) for path in sorted(_files(place))]
    found: dict[str, Font] = {}
    for role, names in WANTED.items():
        path = _first(own, names) or _first(others, names)
        if path is None:
            raise BadInputError(MISSING, "format")
        found[role] = _opened(path)
    return found


def _usual() -> Iterator[Path]:
    home, windows = Path.home(), os.environ.get("WINDIR")
    if windows:
        yield Path(windows) / "Fonts"
    yield from (home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts")
    yield from map(Path, ("/usr/local/share/fonts", "/usr/share/fonts", "/Library/Fonts", "/System/Library/Fonts"))


def _files(place: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(place):
        yield from (Path(folder) / name for name in names if name.lower().endswith(SUFFIXES))


def _first(files: Iterable[Path], names: Iterable[str]) -> Path | None:
    """The first name that is there, wherever it lies."""
    listed = list(files)
    for name in names:
        pattern = re.compile(name, re.IGNORECASE)
        for path in listed:
            if pattern.fullmatch(path.stem):
                return path
    return None


def _opened(path: Path) -> Font:
    """A collection holds one font for each country's letters; ours is the one of simplified Chinese."""
    if path.suffix.lower() not in (".ttc", ".otc"):
        return Font(path)
    try:
        with path.open("rb") as file, TTCollection(file, lazy=True) as collection:
            names = [str(font["name"].getDebugName(1)) for font in collection.fonts]
    except (OSError, TTLibError) as error:
        raise BadInputError(f"字体文件 {path} 打不开（{error}）。", "report_font_dir") from None
    return Font(path, next((at for at, name in enumerate(names) if SIMPLIFIED.search(name)), 0))
