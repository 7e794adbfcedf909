"""WeChat's error codes, and what to do about each, for the outbox and for the operator.

Source: 微信官方文档 全局返回码, 客服消息, 自定义菜单. Codes that are not here are tried again a few times and logged.
"""

import re

from bot.sending import WhatToDo

BAD_TOKEN = (40001, 40014, 42001)
_RID = re.compile(r"rid: ?[\w-]+")

CODES: dict[int, tuple[WhatToDo, str]] = {
    -1: (WhatToDo.RETRY_SOON, "微信系统繁忙，稍后自动重试。"),
    40001: (WhatToDo.RETRY_LATER, "access_token 无效，或 AppSecret 不对：请核对 secret。"),
    40014: (WhatToDo.RETRY_LATER, "access_token 不合法：请核对 appid 和 secret。"),
    42001: (WhatToDo.RETRY_LATER, "access_token 已过期，重新获取后仍被拒绝。"),
    40003: (WhatToDo.GIVE_UP, "openid 不属于这个公众号：请核对 appid。"),
    40008: (WhatToDo.GIVE_UP, "消息类型不对。"),
    40013: (WhatToDo.RETRY_LATER, "AppID 不对：请核对 appid。"),
    40125: (WhatToDo.RETRY_LATER, "AppSecret 不对：请在后台核对或重置后更新 secret。"),
    40164: (WhatToDo.RETRY_LATER, "本机 IP 不在白名单：请在后台“设置与开发—基本配置—IP白名单”里加上。"),
    40243: (WhatToDo.RETRY_LATER, "AppSecret 已被冻结：请在后台解冻。"),
    41001: (WhatToDo.RETRY_LATER, "调用时缺少 access_token。"),
    41004: (WhatToDo.RETRY_LATER, "没有填 secret（AppSecret）。"),
    43004: (WhatToDo.WAIT_FOR_USER, "对方没有关注公众号。"),
    44004: (WhatToDo.GIVE_UP, "内容是空的。"),
    45002: (WhatToDo.WAIT_FOR_USER, "内容超过长度限制。"),
    45009: (WhatToDo.RETRY_LATER, "当日调用次数已用完：等次日，或在后台清零（每月 10 次）。"),
    45011: (WhatToDo.RETRY_SOON, "调用太频繁，稍后自动重试。"),
    45015: (WhatToDo.WAIT_FOR_USER, "对方 48 小时内没有来信，或已取消关注；等对方下次来信时给出。"),
    45047: (WhatToDo.WAIT_FOR_USER, "这个用户的客服消息条数已用完；等对方下次来信时给出。"),
    46003: (WhatToDo.GIVE_UP, "这个公众号还没有菜单。"),
    48001: (WhatToDo.WAIT_FOR_USER, "公众号没有这个接口的权限（未认证）：请把 customer_messages 设为 false。"),
    50002: (WhatToDo.WAIT_FOR_USER, "这个用户受限，暂时收不到消息。"),
    89503: (WhatToDo.RETRY_LATER, "这次调用要管理员在手机上确认（风险 IP）：请管理员确认后重试。"),
    40016: (WhatToDo.GIVE_UP, "菜单按钮数不对：一级最多 3 个。"),
    40017: (WhatToDo.GIVE_UP, "菜单按钮的 type 不对。"),
    40018: (WhatToDo.GIVE_UP, "菜单名称太长或为空：一级最多 16 字节，二级最多 60 字节。"),
    40019: (WhatToDo.GIVE_UP, "菜单的 key 太长或为空：最多 128 字节。"),
    40020: (WhatToDo.GIVE_UP, "菜单的 url 太长或为空：最多 1024 字节。"),
    40023: (WhatToDo.GIVE_UP, "二级菜单数不对：最多 5 个。"),
}
OTHERWISE = (WhatToDo.RETRY_LATER, "没有见过的返回码，请到微信官方文档“全局返回码”查它的意思。")


class ApiError(Exception):
    """WeChat took the call and said no. `rid` is what its support asks for."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.what_to_do, self.advice = CODES.get(code, OTHERWISE)
        found = _RID.search(message)
        self.rid = found.group() if found else ""
        super().__init__(f"{code} {self.rid}".strip())


class UnreachableError(Exception):
    """The call did not reach WeChat."""


class UncertainError(Exception):
    """The call may or may not have been carried out."""
