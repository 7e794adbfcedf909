"""Attachments are told by their content: PDF, JPEG or PNG, nothing else; the name they came with is not kept."""

from dataclasses import dataclass

from knowledge.errors import BadInputError
from knowledge.file_kinds import MEDIA, kind_of

FILES_MAX = 5
FILE_BYTES_MAX = 1_500_000
EXTENSIONS = {media: kind for kind, media in MEDIA.items()}


@dataclass(frozen=True)
class File:
    """An attachment whose kind is known."""

    media: str
    content: bytes


def checked(contents: list[bytes]) -> list[File]:
    """The attachments as they may be kept; BadInputError where one is too large or of another kind."""
    if len(contents) > FILES_MAX:
        raise BadInputError(f"附件最多 {FILES_MAX} 个。", "files")
    return [File(_media(content), content) for content in contents]


def _media(content: bytes) -> str:
    if len(content) > FILE_BYTES_MAX:
        raise BadInputError("附件太大，每个最多 1.5 MB；照片请先压缩，或者当面、邮寄提交。", "files")
    kind = kind_of(content)
    if kind is None:
        raise BadInputError("附件只收 PDF、JPG、PNG 三种文件，请另存为其中一种再传。", "files")
    return MEDIA[kind]
