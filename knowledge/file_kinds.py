"""Which files are taken from citizens: told by what they begin with; their name and what a browser says count for nothing."""

MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
_SIGNS = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


def kind_of(content: bytes) -> str | None:
    """pdf, jpg or png; None for anything else."""
    return next((kind for kind, sign in _SIGNS.items() if content.startswith(sign)), None)
