"""Lookup codes and query passwords: a citizen follows a question with twelve digits and six digits, no account.

The password is derived from the code with the service's key, never stored: a repeated message gets the same receipt,
and a stolen database alone opens nothing.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata

CODE_DIGITS = 12
PASSWORD_DIGITS = 6


def new_code() -> str:
    """Twelve random digits: too many to be tried, easy to type on a phone."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def spoken(code: str) -> str:
    """The code in groups of four, as shown to people."""
    return " ".join(code[start : start + 4] for start in range(0, CODE_DIGITS, 4))


def read_digits(typed: str) -> str:
    """What somebody typed, as plain digits: spaces, dashes and full-width digits are forgiven."""
    return re.sub(r"[\s\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", typed))


def password_for(code: str, key: bytes) -> str:
    """The six digits that belong to a code."""
    digest = hmac.new(key, b"query-password:" + _bytes(code), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**PASSWORD_DIGITS:0{PASSWORD_DIGITS}d}"


def password_ok(code: str, typed: str, key: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(password_for(code, key).encode(), _bytes(read_digits(typed)))


def is_code(digits: str) -> bool:
    """Whether this could be a code at all; what cannot (a NUL, halves of characters) is never asked of the database."""
    return len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit()


def _bytes(typed: str) -> bytes:
    """Anything may come: a web server hands on bytes that are no UTF-8 as halves of surrogate pairs."""
    return typed.encode("utf-8", "surrogatepass")
