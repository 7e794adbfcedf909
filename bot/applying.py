"""An application as a form sends it, checked (条例第二十九条): who asks, how to reach them, what is wanted and in which form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.message import PHONE, clean
from knowledge.cases.life import Applied
from knowledge.cases.words import ApplicantKind
from knowledge.errors import BadInputError

NAME_MAX, LINE_MAX = 100, 200
FORMS = ("电子邮件", "邮寄纸质文件", "自行领取", "其他")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FIELDS = ("choice", "name", "identity", "phone", "address", "email", "asked", "wanted")


@dataclass(frozen=True)
class Limits:
    """How much may be asked, and whether everything the article names must be there.

    On paper an application comes as it comes, and what is missing is asked for by a correction notice (条例第三十条).
    """

    asked_chars: int
    complete: bool


def applied(form: Mapping[str, str], limits: Limits) -> Applied:
    """The application, cleaned; BadInputError names the first field that cannot be taken."""
    found = Applied(
        asked=_asked(form, limits.asked_chars),
        wanted=_wanted(form),
        name=_line(form, "name", "姓名或者名称", NAME_MAX),
        identity=_line(form, "identity", "身份证明", NAME_MAX),
        phone=_phone(form),
        address=_line(form, "address", "通信地址", LINE_MAX),
        email=_mail(form),
    )
    if not found.name:
        raise BadInputError("请填写申请人的姓名或者名称。", "name")
    if limits.complete and not found.identity:
        raise BadInputError("请填写身份证明，例如证件名称和号码；单位请填统一社会信用代码。", "identity")
    if limits.complete and not (found.phone or found.address or found.email):
        raise BadInputError("请至少填写一种联系方式：电话、通信地址或者电子邮箱。", "phone")
    return found


def applicant_kind(form: Mapping[str, str]) -> str:
    """Which kind of applicant was chosen."""
    if form.get("choice") not in tuple(ApplicantKind):
        raise BadInputError("请选择申请人类别。", "choice")
    return form["choice"]


def _asked(form: Mapping[str, str], longest: int) -> str:
    asked = clean(form.get("asked", ""), "asked", "申请内容")
    if not asked:
        raise BadInputError(
            "请写明要什么信息：名称、文号，或者便于查询的其他特征，例如年份、涉及的单位和事项。", "asked"
        )
    if len(asked) > longest:
        raise BadInputError(f"申请内容太长：最多 {longest} 个字，现在有 {len(asked)} 个字。", "asked")
    return asked


def _wanted(form: Mapping[str, str]) -> str:
    wanted = form.get("wanted", "") or FORMS[0]
    if wanted not in FORMS:
        raise BadInputError("请从列出的方式里选一种获取信息的方式。", "wanted")
    return wanted


def _phone(form: Mapping[str, str]) -> str:
    phone = _line(form, "phone", "电话", LINE_MAX)
    if phone and not PHONE.match(phone):
        raise BadInputError("电话号码看起来不对：请只填数字，例如 13800000000 或 0631-5200000。", "phone")
    return phone


def _mail(form: Mapping[str, str]) -> str:
    mail = _line(form, "email", "电子邮箱", LINE_MAX)
    if mail and not MAIL.fullmatch(mail):
        raise BadInputError("电子邮箱看起来不对，应当像 name@example.com。", "email")
    return mail


def _line(form: Mapping[str, str], field: str, label: str, longest: int) -> str:
    line = clean(form.get(field, ""), field, label).replace("\n", " ")
    if len(line) > longest:
        raise BadInputError(f"{label}最多 {longest} 个字。", field)
    return line
