"""Finds personal data in what citizens write, and masks it: 身份证 (check digit), mobile, bank card (Luhn), account, e-mail.

Formats of the masks: 138****1234, 35*************123 (facts of several boards); PIPL 第七十三条 calls this 去标识化.
"""

import re
from collections.abc import Callable

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
_HALF_WIDTH = {ord("０") + digit: ord("0") + digit for digit in range(10)}
_GAP = r"[ \-\u2010-\u2015\u3000]?"


def id_number_ok(text: str) -> bool:
    """Whether 18 characters are a resident identity number by its check digit (GB 11643-1999)."""
    digits = text.upper()
    return sum(int(d) * w for d, w in zip(digits, ID_WEIGHTS, strict=False)) % 11 == ID_CHECK.index(digits[17])


def luhn_ok(digits: str) -> bool:
    """Whether a row of digits passes the check of bank cards (ISO/IEC 7812-1)."""
    doubled = (int(d) * (2 if position % 2 else 1) for position, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def mask(text: str) -> str:
    """The text with every piece of personal data it recognises masked; full-width digits become plain ones."""
    text = text.translate(_HALF_WIDTH)
    for pattern, replace in _RULES:
        text = pattern.sub(replace, text)
    return text


def _stars(found: str, keep_front: int, keep_back: int) -> str:
    return found[:keep_front] + "*" * (len(found) - keep_front - keep_back) + found[len(found) - keep_back :]


def _compact(found: str) -> str:
    return re.sub(r"[^0-9Xx]", "", found)


def _mask_id(match: re.Match[str]) -> str:
    # A number with a wrong check digit is most often a real one with a slip: 18 digits in a row are masked all the same.
    return _stars(_compact(match.group()), 2, 3)


def _mask_card(match: re.Match[str]) -> str:
    digits = _compact(match.group())
    return _stars(digits, 0, 4) if luhn_ok(digits) else match.group()


def _mask_phone(match: re.Match[str]) -> str:
    return _stars(_compact(match.group()), 3, 4)


def _mask_landline(match: re.Match[str]) -> str:
    return _stars(match.group(), match.group().index("-") + 1, 2)


def _mask_account(match: re.Match[str]) -> str:
    return match.group(1) + _stars(match.group(2), 0, 3)


def _mask_mail(match: re.Match[str]) -> str:
    return match.group(1)[0] + "***@" + match.group(2)


def _digits(first: str, more: int) -> str:
    return first + rf"(?:{_GAP}\d){{{more}}}"


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<![0-9A-Za-z])" + _digits("[1-9]", 16) + _GAP + r"[\dXx](?![0-9A-Za-z])", re.ASCII), _mask_id),
    (re.compile(r"(?<!\d)[1-9](?:" + _GAP + r"\d){12,18}(?!\d)", re.ASCII), _mask_card),
    (re.compile(r"(?<!\d)1[3-9]\d(?:" + _GAP + r"\d){8}(?!\d)", re.ASCII), _mask_phone),
    (re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)", re.ASCII), _mask_landline),
    (re.compile(r"((?:公积金|个人|单位|客户)?(?:账号|帐号|账户号?|客户号)\D{0,4})(\d{6,20})", re.ASCII), _mask_account),
    (re.compile(r"([A-Za-z0-9][A-Za-z0-9._%+\-]*)@([A-Za-z0-9.\-]+\.[A-Za-z]{2,})", re.ASCII), _mask_mail),
)
