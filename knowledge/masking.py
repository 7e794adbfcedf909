"""Finds personal data in what citizens write, and masks it: 身份证 (check digit), mobile, bank card (Luhn), account, e-mail.

Formats of the masks: 138****1234, 35*************123 (facts of several boards); PIPL 第七十三条 calls this 去标识化.
"""

import re
from collections.abc import Callable

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
CARD_DIGITS = range(13, 20)
IDENTITY, MOBILE = "身份证号", "手机号"
ROUNDS_MAX = 8  # two in real life; text made to need more must not hold up the service
_HALF_WIDTH = {ord("０") + digit: ord("0") + digit for digit in range(10)} | {ord("Ｘ"): "X", ord("ｘ"): "x"}
_GAP = r"[ \-\u00a0\u2010-\u2015\u2212\u3000\uff0d]?"
_DATE = r"(?<!\d)(?:19|20)\d\d-\d{1,2}-\d{1,2}(?!\d)"
_AMOUNT = r" ?(?:\.\d+ ?)?[万亿]?[元块万亿]"


def id_number_ok(text: str) -> bool:
    """Whether 18 characters are a resident identity number by its check digit (GB 11643-1999)."""
    digits = text.upper()
    return sum(int(d) * w for d, w in zip(digits, ID_WEIGHTS, strict=False)) % 11 == ID_CHECK.index(digits[17])


def luhn_ok(digits: str) -> bool:
    """Whether a row of digits passes the check of bank cards (ISO/IEC 7812-1)."""
    doubled = (int(d) * (2 if position % 2 else 1) for position, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def mask(text: str, *, office: bool = False) -> str:
    """The text with every piece of personal data it recognises masked; full-width digits become plain ones.

    A mask may lay bare another number beside it, so it is looked at again until nothing changes.
    `office`: the text is the office's own, whose landlines and mailboxes the public is meant to read.
    """
    rules = _PERSONAL_RULES if office else _RULES
    text = text.translate(_HALF_WIDTH)
    for _ in range(ROUNDS_MAX):
        if not _SUSPECT.search(text):
            break
        before = text
        for pattern, replace in rules:
            text = pattern.sub(replace, text)
        if text == before:
            break
    return text


def kinds(text: str) -> frozenset[str]:
    """The kinds of personal data recognised in a text of the office's own, by their Chinese names."""
    text = text.translate(_HALF_WIDTH)
    return frozenset(_NAMES[replace] for pattern, replace in _PERSONAL_RULES if pattern.sub(replace, text) != text)


def _stars(found: str, keep_front: int, keep_back: int) -> str:
    return found[:keep_front] + "*" * (len(found) - keep_front - keep_back) + found[len(found) - keep_back :]


def _compact(found: str) -> str:
    return re.sub(r"[^0-9Xx]", "", found)


def _mask_id(match: re.Match[str]) -> str:
    # A number with a wrong check digit is most often a real one with a slip: 18 digits in a row are masked all the same.
    return _stars(_compact(match.group()), 2, 3)


def _mask_cards(match: re.Match[str]) -> str:
    """Mask the cards in a run of numbers: an amount or a month beside a card must not hide it."""
    run = match.group()
    numbers = [number.span() for number in re.finditer(r"\d+", run)]
    cards: list[tuple[int, int]] = []
    for place, (start, _) in enumerate(numbers):
        for _, end in numbers[place : place + CARD_DIGITS.stop]:
            if _is_card(run[start:end]):
                overlaps = cards and start < cards[-1][1]
                cards[-1:] = [(cards[-1][0], max(end, cards[-1][1]))] if overlaps else [*cards[-1:], (start, end)]
    for start, end in reversed(cards):
        run = run[:start] + _stars(_compact(run[start:end]), 0, 4) + run[end:]
    return run


def _is_card(found: str) -> bool:
    digits = _compact(found)
    return digits[0] != "0" and len(digits) in CARD_DIGITS and luhn_ok(digits) and not re.search(_DATE, found)


def _mask_phone(match: re.Match[str]) -> str:
    return (match.group(1) or "") + _stars(_compact(match.group(2)), 3, 4)


def _mask_landline(match: re.Match[str]) -> str:
    return _stars(match.group(), match.group().index("-") + 1, 2)


def _mask_account(match: re.Match[str]) -> str:
    return match.group(1) + _stars(_compact(match.group(2)), 0, 3)


def _mask_mail(match: re.Match[str]) -> str:
    return match.group(1)[0] + "***@" + match.group(2)


def _more(count: str) -> str:
    return rf"(?:{_GAP}\d){{{count}}}"


_SUSPECT = re.compile(rf"\d{_more('5')}|[@＠]", re.ASCII)  # nothing below fits a text without one of these
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]
_ID = rf"(?<!\d)(?!{_DATE})[1-9]{_more('16')}{_GAP}[\dXx](?!\d)"
_CARDS = rf"(?<!\d)\d{_more('12,')}"
_PREFIX = rf"(?:00)?86{_GAP}"
# Its first digit stands apart only in a number written digit by digit; in 2026-1-31 2026-10-31 it belongs to a date.
_PHONE = rf"(?<!\d)(?!{_DATE})({_PREFIX}(?=1)|(?=1[3-9])|(?<!\d[\- ])(?=1))(1{_GAP}[3-9]{_more('9')})(?!\d)"
_LANDLINE = r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"
_ACCOUNT = (
    r"((?:公积金|个人|单位|客户)?(?:账号|帐号|账户号?|客户号)\D{0,4})"
    rf"((?!{_DATE})\d{_more('5,')})(?!\d)(?!{_AMOUNT})"
)
# It starts where nothing of its kind stands before: else a long row of letters is read again from each of them.
_MAIL = r"(?<![A-Za-z0-9._%+\-])([A-Za-z0-9._%+\-]+)[@＠]([A-Za-z0-9.\-]+\.[A-Za-z]{2,})"
_RULES: tuple[_Rule, ...] = (
    (re.compile(_ID, re.ASCII), _mask_id),
    (re.compile(_CARDS, re.ASCII), _mask_cards),
    (re.compile(_PHONE, re.ASCII), _mask_phone),
    (re.compile(_LANDLINE, re.ASCII), _mask_landline),
    (re.compile(_ACCOUNT, re.ASCII), _mask_account),
    (re.compile(_MAIL, re.ASCII), _mask_mail),
)
_PERSONAL_RULES = tuple(rule for rule in _RULES if rule[1] not in (_mask_landline, _mask_mail))
_NAMES: dict[Callable[[re.Match[str]], str], str] = {
    _mask_id: IDENTITY,
    _mask_cards: "银行卡号",
    _mask_phone: MOBILE,
    _mask_account: "账号",
}
