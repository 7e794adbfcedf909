"""Printed words and numbers made comparable: spaces, brackets, full-width signs and remarks make no difference."""

import re
import unicodedata
from decimal import Decimal

from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value, number

MOST_DIGITS = 18
BLANK = ("", "/", "-", "—", "——", "–", "无", NOT_RECORDED.label)
NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:[件条宗份起项个]|万元)?(?:[(\[](.*)[)\]])?")
GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
HIDDEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
YEAR_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


def tidy(text: str) -> str:
    """One line: runs of white space as one space, nothing invisible."""
    return " ".join(HIDDEN.sub("", text).split())


def key(text: str) -> str:
    """Letters, figures and Han characters alone; what two printings of one label have in common."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())


def value(text: str | None) -> tuple[Value | None, str]:
    """The value a cell prints, and the remark behind it; None for the value where the cell says something else."""
    plain = "".join(unicodedata.normalize("NFKC", HIDDEN.sub("", text or "")).split())
    plain = GROUPED.sub("", plain)
    if plain in BLANK:
        return NOT_RECORDED, ""
    if plain == NOT_APPLICABLE.label:
        return NOT_APPLICABLE, ""
    found = NUMBER.fullmatch(plain)
    if not found or len(found[1]) > MOST_DIGITS:
        return None, plain
    return number(Decimal(found[1])), found[2] or ""


def year_in(text: str) -> int | None:
    """The year a title names, in figures or as 二〇二三年."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub("[〇○零一二三四五六七八九]{4}(?=年)", lambda found: found[0].translate(YEAR_DIGITS), plain)
    found = re.search(r"(?<!\d)(20\d\d)\s*(?:年|-)", plain)
    return int(found[1]) if found else None
