"""The few errors that reach a person; each carries a Chinese sentence that says what to do."""

from collections.abc import Mapping
from typing import Any

# pydantic says in English what is wrong with a value; these are its words for the people who fill in files and settings.
_REASONS = {
    "missing": "缺少这一项，必须填写",
    "string_type": "要填文字",
    "string_too_short": "不能空着",
    "string_too_long": "太长，最多 {max_length} 个字",
    "too_short": "至少要 {min_length} 项，现在只有 {actual_length} 项",
    "too_long": "太长，最多 {max_length} 个字，现在有 {actual_length} 个",
    "tuple_type": "要填一个列表（每项以 - 开头）",
    "model_type": "要由“字段: 值”组成",
    "int_parsing": "要填整数",
    "int_type": "要填整数",
    "int_from_float": "要填整数",
    "float_parsing": "要填数字",
    "float_type": "要填数字",
    "bool_parsing": "只能填 true 或 false",
    "bool_type": "只能填 true 或 false",
    "path_type": "要填文件夹的路径",
    "enum": "只能填 {expected}",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "不能大于 {le}",
}


def in_chinese(fault: Mapping[str, Any]) -> str:
    """What one fault of a pydantic ValidationError says, for a person to mend."""
    reason = _REASONS.get(fault["type"])
    if reason:
        return reason.format(**fault.get("ctx", {})).replace(" or ", " 或 ")
    return str(fault["msg"]).removeprefix("Value error, ")


class ZhengwenError(Exception):
    """Something a person can mend. `str(error)` is the sentence shown to them."""


class SettingsError(ZhengwenError):
    """A setting is unknown, missing or unsafe; the service does not start."""


class BadInputError(ZhengwenError):
    """What somebody sent cannot be taken; nothing was changed. `field` names the place."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(ZhengwenError):
    """There is no such thing, or the asker may not know of it."""


class ConflictError(ZhengwenError):
    """Somebody else was faster. `theirs` is what stands now, so that both texts can be shown."""

    def __init__(self, message: str, theirs: str = "") -> None:
        super().__init__(message)
        self.theirs = theirs


class StorageError(ZhengwenError):
    """The database cannot be reached or is not in the state this version needs."""
