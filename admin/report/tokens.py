"""Figures within a text: `{{figure:KEY}}` stands for a figure's value, so that no number in the text is ever typed.

`{{figure:KEY+KEY}}` is a sum, `{{figure:KEY|wan}}` is written in 万 where that needs no rounding. Nothing else in a
text is read as anything but words.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from rapidfuzz import fuzz, process

from admin.report.values import Value, in_wan, is_number, shown, total
from knowledge.errors import BadInputError

TOKEN = re.compile(r"\{\{\s*figure:\s*([^{}|]*?)\s*(\|\s*wan\s*)?\}\}", re.IGNORECASE)
LIKE_A_TOKEN = re.compile(r"\{\{?\s*figure[^}]{0,80}\}?\}?", re.IGNORECASE)
NEAR = 3


class _Whole(int):
    token = ""


class _Decimal(Decimal):
    token = ""


class _Word(str):
    token = ""


def token(*keys: str, wan: bool = False) -> str:
    """The token of a figure, or of the sum of several."""
    return f"{{{{figure:{'+'.join(keys)}{'|wan' if wan else ''}}}}}"


def marked(value: Value, *keys: str) -> Value:
    """The same value, but one that `as_token` writes as the token it came from."""
    made: _Whole | _Decimal | _Word
    if isinstance(value, Decimal):
        made = _Decimal(value)
    elif is_number(value):
        made = _Whole(value)
    else:
        made = _Word(shown(value))
    made.token = "+".join(keys)
    return made  # type: ignore[return-value]  # a word that stands for 未统计 is only ever written out


def as_token(value: object, *, wan: bool = False) -> str:
    """What a template writes for a value: its token where it has one."""
    keys = getattr(value, "token", "")
    if keys:
        return token(keys, wan=wan)
    return in_wan(value) if wan else shown(value)


def filled(text: str, figures: Mapping[str, Value]) -> str:
    """The text with each token's value in its place; a figure that is not there is said so, where X2 finds it."""

    def value(found: re.Match[str]) -> str:
        keys = _keys(found)
        if any(key not in figures for key in keys):
            return f"（待填写：没有指标 {found[1]}）"
        sum_of = total(figures[key] for key in keys) if len(keys) > 1 else figures[keys[0]]
        return in_wan(sum_of) if found[2] else shown(sum_of)

    return TOKEN.sub(value, text)


def check(text: str, labels: Mapping[str, str]) -> None:
    """BadInputError (field `text`) for a token that names no figure, or one that is not written whole."""
    for found in TOKEN.finditer(text):
        for key in _keys(found):
            if key not in labels:
                raise BadInputError(
                    f"正文里的“{found[0]}”写了不存在的指标 {key or '（空）'}。{_like(key, labels)}", "text"
                )
    for found in LIKE_A_TOKEN.finditer(TOKEN.sub("", text)):
        raise BadInputError(
            f"正文里的“{found[0][:40]}”不完整；指标要写成 {{{{figure:编号}}}}，请从列表里选取插入。", "text"
        )


def _keys(found: re.Match[str]) -> list[str]:
    return [key.strip() for key in found[1].split("+")]


def _like(key: str, labels: Mapping[str, str]) -> str:
    near = process.extract(key, list(labels), scorer=fuzz.ratio, limit=NEAR)
    named = "、".join(f"{name}（{labels[name]}）" for name, _, _ in near)
    return f"相近的有：{named}。请从列表里选取插入。"
