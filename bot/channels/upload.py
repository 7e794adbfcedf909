"""A form with one file: short fields into the form, the file into memory, never more of it than allowed."""

from aiohttp import BodyPartReader, MultipartReader, web

from bot.web import FORM
from knowledge.errors import BadInputError

FIELD_MAX = 200
PARTS_MAX = 8
BAD_FORM = "表单的格式不对，请从网页上提交。"


async def read_upload(request: web.Request, most: int) -> bytes:
    """The file, one byte more than allowed if it is too large; the other fields stand in `request[FORM]`."""
    request[FORM] = {}
    if request.content_type != "multipart/form-data":
        raise BadInputError(BAD_FORM)
    try:
        return await _read(await request.multipart(), request[FORM], most)
    except (ValueError, AssertionError, RuntimeError, EOFError):
        raise BadInputError(BAD_FORM) from None


async def _read(reader: MultipartReader, form: dict[str, str], most: int) -> bytes:
    body = b""
    for _ in range(PARTS_MAX):
        part = await reader.next() if len(body) <= most else None
        if part is None:
            break  # the end, or a file so large that what follows need not be read
        if not isinstance(part, BodyPartReader):
            raise BadInputError(BAD_FORM)
        if part.name == "file":
            body = await _up_to(part, most + 1)
        elif part.name:
            form[part.name] = (await _up_to(part, FIELD_MAX)).decode("utf-8", "replace")
    return body


async def _up_to(part: BodyPartReader, most: int) -> bytes:
    read = bytearray()
    while len(read) < most:
        chunk = await part.read_chunk()
        if not chunk:
            break
        read += chunk
    return bytes(read[:most])
