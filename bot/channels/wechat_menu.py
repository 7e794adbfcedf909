"""The custom menu as a file: checked here as WeChat will check it, so that a mistake costs no call.

Source: 微信官方文档 自定义菜单创建接口 (at most 3 buttons of 5, names 16 and 60 bytes, key 128, url 1024).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.errors import BadInputError

BUTTONS_MAX, UNDER_MAX = 3, 5
NAME_MAX, UNDER_NAME_MAX, KEY_MAX, URL_MAX = 16, 60, 128, 1024
NEEDS = {
    "click": ("key",),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "scancode_push": ("key",),
    "scancode_waitmsg": ("key",),
    "pic_sysphoto": ("key",),
    "pic_photo_or_album": ("key",),
    "pic_weixin": ("key",),
    "location_select": ("key",),
    "media_id": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}
LIMITS = {"key": KEY_MAX, "url": URL_MAX}


def read_menu(path: Path) -> dict[str, Any]:
    """The menu of a JSON file; BadInputError lists everything WeChat would refuse."""
    try:
        menu = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"菜单文件 {path} 读不出来或不是 JSON（{type(error).__name__}）。") from None
    faults = list(faults_of(menu))
    if faults:
        raise BadInputError("菜单有误：\n  " + "\n  ".join(faults))
    return {"button": menu["button"]}


def faults_of(menu: object) -> Iterator[str]:
    """What is wrong with a menu, in words."""
    buttons = menu.get("button") if isinstance(menu, dict) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS_MAX:
        yield f"最外层要有 button，是 1 到 {BUTTONS_MAX} 个按钮的列表"
        return
    for number, button in enumerate(buttons, 1):
        yield from _button(button, f"第 {number} 个按钮")


def _button(button: object, where: str) -> Iterator[str]:
    if not isinstance(button, dict):
        yield f"{where}：要由“字段: 值”组成"
        return
    yield from _text(button, "name", NAME_MAX, where)
    below = button.get("sub_button") or []
    if not below:
        yield from _action(button, where)
    elif not isinstance(below, list) or len(below) > UNDER_MAX:
        yield f"{where}：二级按钮最多 {UNDER_MAX} 个"
    else:
        for number, each in enumerate(below, 1):
            yield from _under(each, f"{where}下的第 {number} 个")


def _under(button: object, where: str) -> Iterator[str]:
    if not isinstance(button, dict):
        yield f"{where}：要由“字段: 值”组成"
        return
    yield from _text(button, "name", UNDER_NAME_MAX, where)
    yield from _action(button, where)


def _action(button: dict[str, Any], where: str) -> Iterator[str]:
    needed = NEEDS.get(str(button.get("type")))
    if needed is None:
        yield f"{where}：type 只能是 {'、'.join(NEEDS)}"
        return
    for name in needed:
        yield from _text(button, name, LIMITS.get(name, URL_MAX), where)


def _text(button: dict[str, Any], name: str, limit: int, where: str) -> Iterator[str]:
    value = button.get(name)
    if not isinstance(value, str) or not value:
        yield f"{where}：缺少 {name}"
    elif len(value.encode()) > limit:
        yield f"{where}：{name} 有 {len(value.encode())} 字节，最多 {limit} 字节（一个汉字 3 字节）"
