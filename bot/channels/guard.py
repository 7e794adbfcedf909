"""Against automatic filling in of the question form, without a picture to read or a riddle to solve.

A field nobody sees has to stay empty, and a form cannot be sent within a second or two of being opened. Both let a
person pass who is caught by them: the form comes back with everything typed and says what to do.
"""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta

from knowledge.errors import BadInputError

TRAP = "website"
FILLED = "“请勿填写”一栏里有内容。请把它清空，再提交一次。"
TOO_FAST = "提交得太快，系统怀疑是自动程序。您写的内容都在，请再按一次提交。"
_TOKEN = re.compile(r"(\d{10})-([0-9a-f]{16})-([0-9a-f]{16})", re.ASCII)


def new_token(key: bytes, at: datetime) -> str:
    """A mark for one form: when it was opened, chance, and a signature, so that the time is ours."""
    text = f"{int(at.timestamp()):010d}-{secrets.token_hex(8)}"
    return f"{text}-{_signature(text, key)}"


def check(form: dict[str, str], key: bytes, at: datetime, seconds_min: int) -> None:
    """Raise BadInputError for what a person would hardly send; a form without our mark is not timed."""
    if form.get(TRAP, ""):
        raise BadInputError(FILLED, TRAP)
    opened = opened_at(form.get("token", ""), key)
    if opened is not None and timedelta(0) <= at - opened < timedelta(seconds=seconds_min):
        raise BadInputError(TOO_FAST, "form")


def opened_at(token: str, key: bytes) -> datetime | None:
    """When the form was opened; None for a mark that is not ours."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    text = f"{match[1]}-{match[2]}"
    if not hmac.compare_digest(match[3], _signature(text, key)):
        return None
    return datetime.fromtimestamp(int(match[1]), UTC)


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, b"form:" + text.encode(), hashlib.sha256).hexdigest()[:16]
